/** Benchmarks of the write pump: frames straight to the socket, beside every frame through a stream. */

import { Outbox } from "../../src/hub/outbox.ts";
import { CatchUp } from "../../src/connection/catch_up.ts";
import { createFrameEncoder } from "../../src/connection/frame_encoding.ts";
import { nextTurn } from "../../src/async/next_turn.ts";
import { WritePump } from "../../src/connection/write_pump.ts";
import { CountingSink } from "./node.ts";

const FRAMES = 100;

/** Starts a pump that is live. `offer` puts a notification into its outbox, and flushes. */
async function startLivePump(sink: CountingSink) {
  const outbox = new Outbox(null, { maxBytes: 2 ** 20 });
  const read = () => Promise.resolve({ entries: [], next: "", more: false, complete: true });
  const catchUp = new CatchUp("alexander", { outbox, journal: { read } });
  const drains = { drained: () => nextTurn().then(() => void (sink.buffered = 0)) };
  const pump = new WritePump(sink, {
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

const straight = await startLivePump(new CountingSink());

Deno.bench("100 notifications, each straight to the socket", { group: "write pump", baseline: true }, () => {
  for (let frame = 0; frame < FRAMES; frame++) straight.offer();
});

const slowSink = new CountingSink();
const slow = await startLivePump(slowSink);

Deno.bench("100 notifications to a socket that is behind, through the pipeline, coalesced", {
  group: "write pump",
}, async () => {
  slowSink.buffered = 1_000_000;
  for (let frame = 0; frame < FRAMES; frame++) slow.offer();
  while (slow.outbox.size > 0) await nextTurn();
});

Deno.bench("100 notifications, each through a TransformStream", { group: "write pump" }, async () => {
  const sink = new CountingSink();
  const frames = new TransformStream<string, string>();
  const writing = frames.readable.pipeTo(new WritableStream({ write: (frame) => sink.send(frame) }));
  const writer = frames.writable.getWriter();
  for (let frame = 0; frame < FRAMES; frame++) {
    await writer.write(`[{"n":${frame},"padding":"${"x".repeat(256)}"}]`);
  }
  await writer.close();
  await writing;
});
