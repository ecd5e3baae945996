/** Tests how the result of a soak is shown: as text, and as a picture. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { soakPlot } from "./plot.ts";
import { textPlot } from "./text_plot.ts";
import { table } from "./text_report.ts";

Deno.test("textPlot draws the highest value of each part of the time", () => {
  const format = (value: number) => `${value} B`;
  const lines = [
    { title: "memory", values: [0, 10, 70, 0, 0, 0], format },
    { title: "a", values: [5, 5], format },
  ];
  assertEquals(textPlot(lines, 3), "memory  ▂█▁  0 B to 70 B\na       ▁▁  5 B to 5 B");
});

Deno.test("table says of each figure whether it has returned", () => {
  const text = table([
    {
      title: "resident memory",
      unit: "bytes",
      start: 2 ** 20,
      highest: 2 ** 22,
      end: 2 ** 21,
      hasReturned: false,
    },
    { title: "Deno resources", unit: "count", start: 8, highest: null, end: 8, hasReturned: true },
  ]);
  assertEquals(text.split("\n"), [
    "figure            start  highest     end  returned",
    "resident memory  1.0 MB   4.0 MB  2.0 MB        NO",
    "Deno resources        8                8       yes",
  ]);
});

Deno.test("soakPlot draws each figure over the minutes, from 0", () => {
  const samples = [0, 60, 120].map((seconds) => (
    { seconds, values: { residentBytes: seconds / 1.2 * 2 ** 20, heapUsed: 2 ** 20, sockets: seconds } }
  ));
  const svg = soakPlot(samples);
  assertMatch(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  for (const title of ["Memory in MB", "Entries of the journal", "event streams"]) {
    assertStringIncludes(svg, title);
  }
  // From the left border of the chart to the right one, and from the bottom to the top.
  assertStringIncludes(svg, 'points="52.0,254.0 220.0,143.0 388.0,32.0"');
});

Deno.test("soakPlot has no line beyond its chart, although a figure is always 0", () => {
  assertEquals(soakPlot([{ seconds: 0, values: {} }, { seconds: 1, values: {} }]).includes("NaN"), false);
});
