/** The floor: what the runtime gives with no design at all. A map, a set of sockets, and `send`. */

import { attend, socketsOf } from "./sockets.ts";

interface Note {
  readonly target: string;
  readonly data: unknown;
}

const CONNECT = "/connect?target=";

function put({ target, data }: Note): void {
  const sockets = socketsOf.get(target);
  if (sockets === undefined) return;
  const text = JSON.stringify(data);
  for (const socket of sockets) socket.send(text);
}

async function answer(request: Request): Promise<Response> {
  const path = request.url.slice(request.url.indexOf("/", "http://".length));
  if (path.startsWith(CONNECT)) return attend(request, path.slice(CONNECT.length));
  const body: Note | Note[] = await request.json();
  if (Array.isArray(body)) body.forEach(put);
  else put(body);
  return new Response(null, { status: 202 });
}

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} }, answer);
