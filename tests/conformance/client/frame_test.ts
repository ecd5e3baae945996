/** The suite's own frames, against the examples of RFC 6455, section 5.7. */

import { assertEquals } from "@std/assert";
import { closePayload, encodeFrame, OPCODE } from "./frame.ts";

const hello = new TextEncoder().encode("Hello");
const hexOf = (bytes: Uint8Array) => bytes.toHex();

Deno.test("encodeFrame makes the frames of the examples", () => {
  const text = { opcode: OPCODE.text, payload: hello };
  assertEquals(hexOf(encodeFrame(text, { mask: null })), "810548656c6c6f");
  assertEquals(hexOf(encodeFrame(text)), "818537fa213d7f9f4d5158");
  const first = encodeFrame({ opcode: OPCODE.text, payload: hello.subarray(0, 3) }, {
    mask: null,
    fin: false,
  });
  assertEquals(hexOf(first), "010348656c");
  assertEquals(hexOf(encodeFrame({ opcode: OPCODE.ping, payload: hello }, { mask: null })), "890548656c6c6f");
  const bytes = (count: number) => ({ opcode: OPCODE.binary, payload: new Uint8Array(count) });
  assertEquals(hexOf(encodeFrame(bytes(256), { mask: null }).subarray(0, 4)), "827e0100");
  assertEquals(hexOf(encodeFrame(bytes(65_536), { mask: null }).subarray(0, 10)), "827f0000000000010000");
});

Deno.test("encodeFrame also makes frames that no client may send", () => {
  const frame = encodeFrame({ opcode: 15, payload: hello.subarray(0, 1) }, {
    rsv: 7,
    fin: false,
    mask: null,
  });
  assertEquals(hexOf(frame), "7f0148");
});

Deno.test("closePayload is a code and a reason", () => {
  assertEquals(hexOf(closePayload(1000, "Hi")), "03e84869");
});
