/** Tests of tables in READMEs. */

import { assertEquals, assertThrows } from "@std/assert";
import { withTable } from "./readme_table.ts";

Deno.test("withTable replaces what is between the markers, and nothing else", () => {
  const text = "before\n<!-- table: deno task chaos -->\nold\n<!-- end of table -->\nafter\n";
  const options = { task: "chaos", table: "| new |" };
  const changed = withTable(text, options);
  assertEquals(changed, text.replace("\nold\n", "\n\n| new |\n\n"));
  assertEquals(withTable(changed, options), changed);
  assertThrows(() => withTable(text, { ...options, task: "bench" }), Error, "there are no markers");
});
