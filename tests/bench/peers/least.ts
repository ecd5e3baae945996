/** A peer: the least code on Deno that checks tokens, assigns ids, stores, frames and answers. */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { acceptSocket, socketsOf } from "./sockets.ts";

interface NotificationBody {
  readonly target: string;
  readonly data: unknown;
}

const CONNECT = "/connect?target=";
const MAX_STORED = 1_000; // per target
const SECRET = Deno.args[1];
const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };
const secretKey = Buffer.from(SECRET ?? "");
// Neither the number of targets nor what waits for them is bounded.
const stored = new Map<string, string[]>();
const waiting = new Map<string, string[]>();
let position = 0;

/** Returns the target of a token. Of its claims it checks the expiry alone. */
function verifyToken(jwt: string): string {
  const claimsAt = jwt.indexOf(".") + 1, signatureAt = jwt.lastIndexOf(".");
  const expected = Buffer.from(hmac(sha256, secretKey, Buffer.from(jwt.slice(0, signatureAt))));
  const given = Buffer.from(jwt.slice(signatureAt + 1), "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error("the signature is invalid");
  }
  const { sub, exp } = JSON.parse(`${Buffer.from(jwt.slice(claimsAt, signatureAt), "base64url")}`);
  if (exp * 1000 < Date.now()) throw new Error("expired");
  return sub;
}

function welcome(socket: WebSocket, target: string): void {
  socket.send(`[${JSON.stringify({ type: "welcome", connection: crypto.randomUUID(), target })}]`);
}

function publish({ target, data }: NotificationBody): { id: string; position: string } {
  if (typeof target !== "string" || data === undefined) throw new Error("not a notification");
  const receipt = { id: crypto.randomUUID(), position: `${++position}` };
  const text = JSON.stringify({ type: "notification", ...receipt, data });
  const log = stored.get(target);
  if (log === undefined) stored.set(target, [text]);
  else if (log.push(text) > MAX_STORED) log.shift();
  if (waiting.size === 0) setImmediate(flush);
  const outbox = waiting.get(target);
  if (outbox === undefined) waiting.set(target, [text]);
  else outbox.push(text);
  return receipt;
}

function flush(): void {
  for (const [target, texts] of waiting) {
    const frame = `[${texts.join(",")}]`;
    for (const socket of socketsOf.get(target) ?? []) socket.send(frame);
  }
  waiting.clear();
}

async function respond(request: Request): Promise<Response> {
  const path = request.url.slice(request.url.indexOf("/", "http://".length));
  if (path.startsWith(CONNECT)) {
    const bearer = request.headers.get("authorization") ?? "";
    const target = SECRET === undefined
      ? path.slice(CONNECT.length)
      : verifyToken(bearer.slice("Bearer ".length));
    return acceptSocket(request, target, (socket) => welcome(socket, target));
  }
  const body: NotificationBody | NotificationBody[] = await request.json();
  const notifications = Array.isArray(body) ? body.map(publish) : publish(body);
  return new Response(JSON.stringify(notifications), ACCEPTED);
}

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => {} }, respond);
