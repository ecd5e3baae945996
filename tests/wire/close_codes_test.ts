/** CLOSE and adviceOf: the close codes, whose ranges mean what a browser does next. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { adviceOf, CLOSE, type Close } from "../../src/wire/close_codes.ts";

const ALL: readonly (readonly [string, Close])[] = Object.entries(CLOSE);

/** Returns what the reason of a code must match. It is undefined for a code that means nothing to a browser. */
function patternFor(code: number): RegExp | undefined {
  if (code === 1009) return /a frame is limited to/;
  if (code === 1011 || code === 1012 || (code >= 4100 && code < 4200)) return /back off|limited to/;
  if (code >= 4000 && code < 4100) return /^(?!.*(resume|back off))/;
  if (code >= 4200 && code < 4300) return /^(?!.*back off).*resume/;
  return undefined;
}

Deno.test("CLOSE has the codes of the design", () => {
  const { tokenRevoked, restart, protocolViolation, overloaded, tooManyFrames, stuck, tokenExpired, tooBig } =
    CLOSE;
  const codes = [
    tooBig,
    restart,
    tokenRevoked,
    protocolViolation,
    overloaded,
    tooManyFrames,
    stuck,
    tokenExpired,
  ];
  assertEquals(codes.map(({ code }) => code), [1009, 1012, 4001, 4004, 4100, 4101, 4200, 4201]);
});

Deno.test("CLOSE uses no code twice except 1012, for which every client does the same", () => {
  assertEquals([CLOSE.moved.code, CLOSE.publishersRestart.code], [CLOSE.restart.code, CLOSE.restart.code]);
  assertEquals(new Set(ALL.map(([, { code }]) => code)).size, ALL.length - 2);
});

for (const [name, { code, reason }] of ALL) {
  Deno.test(`CLOSE.${name} has a reason that agrees with its range and fits into a close frame`, () => {
    const pattern = patternFor(code);
    assert(pattern !== undefined, `${code} is in no range`);
    assertMatch(reason, pattern);
    assert(new TextEncoder().encode(reason).length <= 123);
  });
}

Deno.test("adviceOf derives the advice from the range of a code, and lets a browser reconnect after unknown codes", () => {
  assertEquals(adviceOf(4001), "come back"); // with another token
  const codes = [1000, 1006, 1012, 3999, 4000, 4099, 4100, 4199, 4200, 4299, 4300];
  assertEquals(codes.map(adviceOf), [
    ...Array(4).fill("back off"),
    ...Array(2).fill("stay away"),
    ...Array(2).fill("back off"),
    ...Array(2).fill("come back"),
    "back off",
  ]);
});

Deno.test("CLOSE has only codes and reasons that a server socket can send and a browser receives", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const close = ALL[Number(new URL(request.url).search.slice(1))]?.[1];
    socket.onopen = () => socket.close(close?.code, close?.reason);
    return response;
  });
  const received = await Promise.all(ALL.map((_, index) => {
    const { promise, resolve } = Promise.withResolvers<Close>();
    const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/?${index}`);
    socket.onclose = ({ code, reason }) => resolve({ code, reason });
    return promise;
  }));
  assertEquals(received, ALL.map(([, close]) => close));
});
