/** CLOSE: the table of close codes, whose ranges tell browsers what to do. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { adviceOf, CLOSE, type Close } from "../../src/wire/close_codes.ts";

const ALL: readonly (readonly [string, Close])[] = Object.entries(CLOSE);

/** What the reason of each range has to say; a code in none of them would mean nothing to a browser. */
function wordsFor(code: number): RegExp | undefined {
  if (code === 1009) return /a frame may have/;
  if (code === 1011 || code === 1012 || (code >= 4100 && code < 4200)) return /back off|at most/;
  if (code >= 4000 && code < 4100) return /^(?!.*(resume|back off))/;
  if (code >= 4200 && code < 4300) return /^(?!.*back off).*resume/;
  return undefined;
}

Deno.test("CLOSE has the codes of the design", () => {
  const { restart, protocolViolation, overloaded, tooManyFrames, stuck, tokenExpired, tooBig } = CLOSE;
  const codes = [tooBig, restart, protocolViolation, overloaded, tooManyFrames, stuck, tokenExpired];
  assertEquals(codes.map(({ code }) => code), [1009, 1012, 4004, 4100, 4101, 4200, 4201]);
});

Deno.test("CLOSE has no code twice, but for 1012: to a browser it is the same why it should find another node", () => {
  assertEquals(CLOSE.moved.code, CLOSE.restart.code);
  assertEquals(new Set(ALL.map(([, { code }]) => code)).size, ALL.length - 1);
});

for (const [name, { code, reason }] of ALL) {
  Deno.test(`CLOSE.${name} has a reason that says what its range means and fits into a close frame`, () => {
    const advice = wordsFor(code);
    assert(advice !== undefined, `${code} is in no range`);
    assertMatch(reason, advice);
    assert(new TextEncoder().encode(reason).length <= 123);
  });
}

Deno.test("adviceOf says what the range of a code means, and of foreign codes that a browser may come back", () => {
  const codes = [1000, 1006, 1012, 3999, 4000, 4099, 4100, 4199, 4200, 4299, 4300];
  assertEquals(codes.map(adviceOf), [
    ...Array(4).fill("back off"),
    ...Array(2).fill("stay away"),
    ...Array(2).fill("back off"),
    ...Array(2).fill("come back"),
    "back off",
  ]);
});

Deno.test("CLOSE has only what a server socket can send and a browser is given", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const close = ALL[Number(new URL(request.url).search.slice(1))]?.[1];
    socket.onopen = () => socket.close(close?.code, close?.reason);
    return response;
  });
  const told = await Promise.all(ALL.map((_, index) => {
    const { promise, resolve } = Promise.withResolvers<Close>();
    const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/?${index}`);
    socket.onclose = ({ code, reason }) => resolve({ code, reason });
    return promise;
  }));
  assertEquals(told, ALL.map(([, close]) => close));
});
