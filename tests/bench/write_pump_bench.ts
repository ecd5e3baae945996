/** The write pump: straight to the socket, as it is while that keeps up, beside every frame through a stream. */

import { Outbox } from "../../src/hub/outbox.ts";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { WritePump } from "../../src/connection/write_pump.ts";
import { CountingWire } from "./node.ts";

const FRAMES = 100;

/** A pump that is live, and how it is offered one notification. */
async function livePump(wire: CountingWire) {
  const outbox = new Outbox(null, { maxBytes: 2 ** 20 });
  const read = () => Promise.resolve({ entries: [], next: "", more: false, complete: true });
  const catchUp = new CatchUp("alexander", { outbox, journal: { read } });
  const drains = { drained: () => nextTurn().then(() => void (wire.buffered = 0)) };
  const pump = new WritePump(wire, {
    outbox,
    catchUp,
    drains,
    encodeFrame: createFrameEncoder(),
    onSent: () => {},
    end: () => {},
    onError: console.error,
  });
  await pump.start({ id: "c", target: "alexander" });
  let n = 0;
  function offer(): void {
    const position = String(++n).padStart(12, "0");
    outbox.offer({
      id: "0f8fad5b-d9cb-469f-a165-70867728950e",
      target: "alexander",
      position,
      text: `{"n":${n},"padding":"${"x".repeat(256)}"}`,
      bytes: 300,
    });
    pump.flush();
  }
  return { offer, outbox };
}

const straight = await livePump(new CountingWire());

Deno.bench("100 notifications, each straight to the socket", { group: "write pump", baseline: true }, () => {
  for (let frame = 0; frame < FRAMES; frame++) straight.offer();
});

const slowWire = new CountingWire();
const slow = await livePump(slowWire);

Deno.bench("100 notifications to a socket that is behind, through the pipeline, coalesced", {
  group: "write pump",
}, async () => {
  slowWire.buffered = 1_000_000;
  for (let frame = 0; frame < FRAMES; frame++) slow.offer();
  while (slow.outbox.size > 0) await nextTurn();
});

Deno.bench("100 notifications, each through a TransformStream", { group: "write pump" }, async () => {
  const wire = new CountingWire();
  const frames = new TransformStream<string, string>();
  const writing = frames.readable.pipeTo(new WritableStream({ write: (frame) => wire.send(frame) }));
  const writer = frames.writable.getWriter();
  for (let frame = 0; frame < FRAMES; frame++) {
    await writer.write(`[{"n":${frame},"padding":"${"x".repeat(256)}"}]`);
  }
  await writer.close();
  await writing;
});
