/** BodyReader in the app: peers that send only the start of a body, and peers that are cut by a stop. */

import { assertEquals, assertMatch } from "@std/assert";
import { BodyReader } from "../../src/http/body_reader.ts";
import { bearer, signedToken } from "./auth/signed_token.ts";
import { createTestApp, PUBLISHER_KEY } from "./test_app.ts";

const KEY = bearer(PUBLISHER_KEY);
const ROUTES = [
  ["/v1/notify", KEY],
  ["/v1/tokens", KEY],
  ["/v1/received", bearer(await signedToken({ sub: "alexander" }))],
] as const;
const STARTS = [
  ["a short body", "Content-Length: 100", "{"],
  ["a long body", "Content-Length: 4000", "{".repeat(3_000)],
  ["a body of which nothing arrives", "Content-Length: 100", ""],
  ["a chunked body", "Transfer-Encoding: chunked", "1\r\n{\r\n"],
] as const;

/** Sends the start of a request, waits until its body is being read, and returns the answer after the `event`. */
async function answerAfter(
  { path, headers, start: [, length, body] }: {
    path: string;
    headers: Record<string, string>;
    start: typeof STARTS[number];
  },
  event: (parts: { bodies: BodyReader; server: Deno.HttpServer; drain: () => void }) => void,
): Promise<string> {
  let isDraining = false;
  const bodies = new BodyReader({ isDraining: () => isDraining });
  const { promise: isReading, resolve } = Promise.withResolvers<void>();
  const { app } = createTestApp({
    bodies: {
      read(request, limits) {
        const reading = bodies.read(request, limits);
        resolve();
        return reading;
      },
      readBytes: (request, limits) => bodies.readBytes(request, limits),
      turn: (owner) => bodies.turn(owner),
    },
  });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, app.fetch);
  using peer = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  const lines = [`POST ${path} HTTP/1.1`, "Host: x", `Authorization: ${headers.authorization}`, length];
  await peer.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n${body}`));
  await isReading;
  event({ bodies, server, drain: () => isDraining = true });
  const buffer = new Uint8Array(4_096);
  return new TextDecoder().decode(buffer.subarray(0, await peer.read(buffer) ?? 0));
}

for (const [path, headers] of ROUTES) {
  for (const start of STARTS) {
    Deno.test(`BodyReader has ${path} answered with 408 if ${start[0]} stops arriving`, async () => {
      const answer = await answerAfter({ path, headers, start }, ({ bodies }) => {
        for (let ticks = 0; ticks < 30; ticks++) bodies.tick();
      });
      assertMatch(answer, /^HTTP\/1\.1 408 /);
      assertMatch(answer, /^connection: close\r$/m);
      assertEquals(JSON.parse(answer.slice(answer.indexOf("{"))).type, "urn:tidings:problem:timeout");
    });

    for (const why of ["a stop", "a node that is short of memory"]) {
      Deno.test(`BodyReader has ${path} answered with 503 if ${why} cuts ${start[0]}`, async () => {
        const answer = await answerAfter({ path, headers, start }, ({ bodies, server, drain }) => {
          if (why === "a stop") drain();
          else bodies.expectCut();
          void server.shutdown();
        });
        if (answer === "") return; // the connection was cut before the answer, which also tells the peer to repeat
        assertMatch(answer, /^HTTP\/1\.1 503 /);
        assertMatch(answer, /^retry-after: 1\r$/m);
      });
    }
  }
}
