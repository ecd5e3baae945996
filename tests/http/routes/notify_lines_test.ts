/** notifyLines: lines that are refused are recorded like requests. */

import { assertEquals } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { LineStreams } from "../../../src/http/line_streams.ts";
import { testIntake } from "../../sources/test_intake.ts";
import { bearer } from "../auth/signed_token.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";

const HEADERS = { ...bearer(PUBLISHER_KEY), "content-type": "application/x-ndjson" };
const LINE = '{"target":"alexander","data":1}\n';

/** An app whose journal is out of reach. */
function setUp() {
  const refused: number[] = [], logged: string[] = [], reported: unknown[] = [];
  const append = () => Promise.reject(new UnavailableError("the disk is full"));
  const report = (error: unknown) => void reported.push(`${error}`);
  const streams = new LineStreams({ stopping: new AbortController().signal, report });
  const { app } = createTestApp({
    intake: testIntake({ journal: { append, mark: append } }),
    streams,
    report,
    metrics: { requested() {}, refused: (status) => void refused.push(status) },
    refusals: { request: ({ kind }, { method, route }) => void logged.push(`${method} ${route} ${kind}`) },
  });
  return { app, streams, refused, logged, reported };
}

Deno.test("notifyLines records the lines that are refused, and reports why the journal failed", async () => {
  const { app, refused, logged, reported } = setUp();
  const answers: number[] = [];
  for (const body of ["nonsense\n[]\n", LINE]) {
    const response = await app.request("/v1/notify", { method: "POST", headers: HEADERS, body });
    for (const line of (await response.text()).trim().split("\n")) answers.push(JSON.parse(line).status);
  }
  assertEquals([answers, refused], [[400, 422, 503], [400, 422, 503]]);
  const kinds = ["not-json", "does-not-fit", "unavailable"];
  assertEquals(logged, kinds.map((kind) => `POST /v1/notify ${kind}`));
  assertEquals(reported, ["UnavailableError: the disk is full"]);
});

Deno.test("notifyLines records that a stream was ended because nothing arrived", async () => {
  const { app, streams, refused } = setUp();
  const body = new ReadableStream(); // never has anything
  const response = await app.request("/v1/notify", { method: "POST", headers: HEADERS, body });
  for (let seconds = 0; seconds < 60; seconds++) streams.tick();
  assertEquals([JSON.parse(await response.text()).status, refused], [408, [408]]);
});
