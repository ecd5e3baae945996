/** The least: what no program on Deno can do without that has tokens to check and publishers to answer. The floor, and that. */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { attend, socketsOf } from "./sockets.ts";

interface Note {
  readonly target: string;
  readonly data: unknown;
}

const CONNECT = "/connect?target=";
const SECRET = Deno.args[1];
const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };
const keyed = Buffer.from(SECRET ?? "");
let position = 0;

/** Whom the token is for. As good as no checks of its claims. */
function targetIn(jwt: string): string {
  const claimsAt = jwt.indexOf(".") + 1, signatureAt = jwt.lastIndexOf(".");
  const right = Buffer.from(hmac(sha256, keyed, Buffer.from(jwt.slice(0, signatureAt))));
  const given = Buffer.from(jwt.slice(signatureAt + 1), "base64url");
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new Error("not signed");
  const { sub, exp } = JSON.parse(`${Buffer.from(jwt.slice(claimsAt, signatureAt), "base64url")}`);
  if (exp * 1000 < Date.now()) throw new Error("expired");
  return sub;
}

function welcome(socket: WebSocket, target: string): void {
  socket.send(`[${JSON.stringify({ type: "welcome", connection: crypto.randomUUID(), target })}]`);
}

function put({ target, data }: Note): { id: string; position: string } {
  const one = { id: crypto.randomUUID(), position: `${++position}` };
  const text = `[${JSON.stringify({ type: "notification", ...one, data })}]`;
  for (const socket of socketsOf.get(target) ?? []) socket.send(text);
  return one;
}

async function answer(request: Request): Promise<Response> {
  const path = request.url.slice(request.url.indexOf("/", "http://".length));
  if (path.startsWith(CONNECT)) {
    const bearer = request.headers.get("authorization") ?? "";
    const target = SECRET === undefined
      ? path.slice(CONNECT.length)
      : targetIn(bearer.slice("Bearer ".length));
    return attend(request, target, (socket) => welcome(socket, target));
  }
  const body: Note | Note[] = await request.json();
  const notifications = Array.isArray(body) ? body.map(put) : put(body);
  return new Response(JSON.stringify(notifications), ACCEPTED);
}

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} }, answer);
