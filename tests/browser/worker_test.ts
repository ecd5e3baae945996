/** The SDK in a worker of a real browser. */

import { assertEquals } from "@std/assert";
import { test } from "./chromium.ts";
import { TestBed } from "./test_bed.ts";

test("A worker uses the SDK as a page does", async () => {
  await using bed = await TestBed.create();
  const client = await bed.openPage();
  await client.waitFor("open websocket");
  await client.page.evaluate(`{
    const text = 'import { connect } from "' + location.origin + '/client.js";' +
      'const tidings = connect("' + location.origin + '", { target: "alexander" });' +
      'tidings.addEventListener("state", ({ detail }) => postMessage("worker " + detail.state));' +
      'for await (const { data } of tidings.notifications()) postMessage("worker " + data);';
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    new Worker(url, { type: "module" }).onmessage = ({ data }) => record(data);
  }`);
  await client.waitFor("worker open");
  await bed.post(1);
  await client.waitFor("worker 0");
  assertEquals(client.errors, []);
});
