/** withResults: the results of a run in the README of this room. */

import { assertEquals, assertThrows } from "@std/assert";
import { withResults } from "./readme_results.ts";

const RESULTS = { lines: ["connect 3 tabs", "verdict"], table: "| tabs |" };

Deno.test("withResults replaces what is between the markers, and nothing else", async () => {
  const text = await Deno.readTextFile(new URL("README.md", import.meta.url));
  const written = withResults(text, RESULTS);
  assertEquals(withResults(written, RESULTS), written);
  const middle = "\n\n```text\nconnect 3 tabs\nverdict\n```\n\n| tabs |\n\n";
  assertEquals(written.split(/<!-- .* -->/)[1], middle);
  assertEquals(written.split(/<!-- .* -->/)[2], text.split(/<!-- .* -->/)[2]);
});

Deno.test("withResults refuses a text without the markers", () => {
  assertThrows(() => withResults("nothing", RESULTS), Error, "there are no markers");
});
