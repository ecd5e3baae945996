/** The open sockets of a peer on Deno, by target. */

export const socketsOf = new Map<string, Set<WebSocket>>();

/**
 * Upgrades a request, and registers its socket while it is open.
 *
 * @param onOpen called when the socket opens
 */
export function acceptSocket(
  request: Request,
  target: string,
  onOpen: (socket: WebSocket) => void = () => {},
): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
  socket.onopen = () => {
    const sockets = socketsOf.get(target) ?? new Set();
    socketsOf.set(target, sockets.add(socket));
    onOpen(socket);
  };
  socket.onclose = () => {
    const sockets = socketsOf.get(target);
    sockets?.delete(socket);
    if (sockets?.size === 0) socketsOf.delete(target);
  };
  return response;
}
