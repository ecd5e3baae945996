/** The memory of a position, which tabs share. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { loadPosition, savePosition } from "../../src/client/position_memory.ts";
import { positionOf } from "../../src/wire/position.ts";
import { withStorage } from "./fake_storage.ts";

const KEY = "tidings https://push.example.com alexander";

Deno.test("savePosition keeps the latest position of an epoch, and the newest epoch and target, whichever tab writes", () => {
  const save = fc.record({
    target: fc.constantFrom("alexander", "alex", "burr", "a b"),
    epoch: fc.constantFrom("epoch000", "epoch001"),
    sequence: fc.nat({ max: 60 }),
    stamp: fc.constantFrom("", "-00000a", "-00000b"),
  });
  fc.assert(fc.property(fc.array(save), (saves) => {
    using _ = withStorage({});
    let kept: { target: string; epoch: string; order: string } | null = null;
    for (const { target, epoch, sequence, stamp } of saves) {
      const order = `${sequence}`.padStart(2, "0") + stamp;
      const isOther = kept === null || kept.target !== target || kept.epoch !== epoch;
      if (isOther || order > (kept?.order ?? "")) kept = { target, epoch, order };
      savePosition(KEY, { target, position: positionOf(epoch, sequence) + stamp });
      const position = positionOf(kept?.epoch ?? "", Number(kept?.order.slice(0, 2))) + kept?.order.slice(2);
      assertEquals({ ...loadPosition(KEY) }, { target: kept?.target, position });
    }
  }));
});

Deno.test("loadPosition finds nothing without a key, under another key, and in text that it has not written", () => {
  using _ = withStorage({ [KEY]: "garbage", undefined: "alexander\nepoch000-00000000001" });
  assertEquals([loadPosition(undefined), loadPosition(KEY), loadPosition("other")], [
    undefined,
    undefined,
    undefined,
  ]);
});

for (
  const text of [
    "epoch000-0000000000",
    "EPOCH000-00000000001",
    "epoch000-00000000001x",
    "[object Object]",
    "",
  ]
) {
  Deno.test(`loadPosition does not resume after "${text}", which the service refuses for good`, () => {
    using _ = withStorage({ [KEY]: `alexander\n${text}` });
    assertEquals(loadPosition(KEY), undefined);
  });
}

for (
  const [what, storage] of [
    ["is missing", undefined],
    ["throws", new Proxy({}, { get: refuse, set: refuse })],
    ["is forbidden", refuse],
  ] as const
) {
  Deno.test(`A storage that ${what} remembers nothing, and is no error`, () => {
    using _ = withStorage(storage);
    savePosition(KEY, { target: "alexander", position: positionOf("epoch000", 1) });
    assertEquals(loadPosition(KEY), undefined);
  });
}

Deno.test("savePosition leaves what is there if the storage is full", () => {
  using _ = withStorage(
    new Proxy<Record<string, string>>({ [KEY]: "alexander\nepoch000-00000000001" }, { set: refuse }),
  );
  savePosition(KEY, { target: "alexander", position: positionOf("epoch000", 2) });
  assertEquals(loadPosition(KEY)?.position, positionOf("epoch000", 1));
});

function refuse(): never {
  throw new DOMException("The quota has been exceeded", "QuotaExceededError");
}
