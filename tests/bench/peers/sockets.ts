/** The sockets of a peer on Deno, by their target. */

export const socketsOf = new Map<string, Set<WebSocket>>();

/** Upgrades, and keeps the socket while it is open. @param opened told when it is */
export function attend(
  request: Request,
  target: string,
  opened: (socket: WebSocket) => void = () => {},
): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
  socket.onopen = () => {
    const sockets = socketsOf.get(target) ?? new Set();
    socketsOf.set(target, sockets.add(socket));
    opened(socket);
  };
  socket.onclose = () => {
    const sockets = socketsOf.get(target);
    sockets?.delete(socket);
    if (sockets?.size === 0) socketsOf.delete(target);
  };
  return response;
}
