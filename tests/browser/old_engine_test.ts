/** The SDK in a browser that lacks what newer ones have. */

import { test } from "./chromium.ts";
import { TestBed } from "./test_bed.ts";

/** Takes away what Chrome 92, Firefox 105 or Safari 15 do not have. */
const OLD = `
  for (const [object, names] of [
    [Promise, ["withResolvers", "try"]],
    [AbortSignal, ["any", "timeout"]],
    [AbortSignal.prototype, ["throwIfAborted"]],
    [Array.prototype, ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"]],
    [Array, ["fromAsync"]],
    [String.prototype, ["at", "isWellFormed", "toWellFormed"]],
    [Object, ["hasOwn", "groupBy"]],
    [Map, ["groupBy"]],
    [Set.prototype, ["union", "difference", "intersection"]],
    [Iterator?.prototype ?? {}, ["map", "filter", "some", "toArray"]],
    [ReadableStream.prototype, [Symbol.asyncIterator, "values"]],
    [URL, ["canParse", "parse"]],
    [navigator, ["locks"]],
    [globalThis, ["structuredClone", "Iterator", "navigation", "scheduler"]],
  ]) for (const name of names) delete object[name];
`;

for (const transport of ["websocket", "sse"]) {
  test(`An old browser receives over ${transport}, and resumes`, async () => {
    await using bed = await TestBed.create();
    bed.network.allowsWebSockets = transport === "websocket";
    await bed.context.addInitScript(OLD);
    const client = await bed.openPage();
    await client.waitFor(`open ${transport}`);
    const before = await bed.post(2);
    await client.waitFor("got 1");
    bed.network.cut();
    await client.waitFor("waiting");
    const meanwhile = await bed.post(2);
    bed.network.restore();
    await client.waitFor("got 3");
    client.assertReceived([...before, ...meanwhile]);
  });
}
