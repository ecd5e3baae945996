/** The least that does this job on Deno: tokens, ids, what is kept, frames of all that waits, answers. Nothing is bounded. */

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
const MAX_KEPT = 1_000; // of a target
const SECRET = Deno.args[1];
const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };
const keyed = Buffer.from(SECRET ?? "");
const kept = new Map<string, string[]>();
const waiting = new Map<string, string[]>();
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
  if (typeof target !== "string" || data === undefined) throw new Error("no notification");
  const one = { id: crypto.randomUUID(), position: `${++position}` };
  const text = JSON.stringify({ type: "notification", ...one, data });
  const ring = kept.get(target);
  if (ring === undefined) kept.set(target, [text]);
  else if (ring.push(text) > MAX_KEPT) ring.shift();
  if (waiting.size === 0) setImmediate(flush);
  const outbox = waiting.get(target);
  if (outbox === undefined) waiting.set(target, [text]);
  else outbox.push(text);
  return one;
}

function flush(): void {
  for (const [target, texts] of waiting) {
    const frame = `[${texts.join(",")}]`;
    for (const socket of socketsOf.get(target) ?? []) socket.send(frame);
  }
  waiting.clear();
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
