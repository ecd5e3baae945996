/** The floor: the throughput of Deno with no design at all, which is a map, a set of sockets, and `send`. */

import { acceptSocket, socketsOf } from "./sockets.ts";

interface Notification {
  readonly target: string;
  readonly data: unknown;
}

const CONNECT = "/connect?target=";

function publish({ target, data }: Notification): void {
  const sockets = socketsOf.get(target);
  if (sockets === undefined) return;
  const text = JSON.stringify(data);
  for (const socket of sockets) socket.send(text);
}

async function respond(request: Request): Promise<Response> {
  const path = request.url.slice(request.url.indexOf("/", "http://".length));
  if (path.startsWith(CONNECT)) return acceptSocket(request, path.slice(CONNECT.length));
  const body: Notification | Notification[] = await request.json();
  if (Array.isArray(body)) body.forEach(publish);
  else publish(body);
  return new Response(null, { status: 202 });
}

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} }, respond);
