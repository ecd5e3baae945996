/** What the commands print. */

import { assertEquals } from "@std/assert";
import { print } from "../../src/cli/output.ts";

function printed(line: string): string {
  const { writeSync } = Deno.stdout;
  let text = "";
  Deno.stdout.writeSync = (bytes) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    print(line);
    return text;
  } finally {
    Deno.stdout.writeSync = writeSync;
  }
}

Deno.test("print shows control characters that a server has sent, so that a terminal does not obey them", () => {
  assertEquals(printed("a\u001b[2J\r\u009bé\tb\nc"), "a\\u001b[2J\\u000d\\u009bé\tb\nc\n");
});

Deno.test("print leaves the meaning of JSON as it is", () => {
  const value = { id: "a\u007f\u0085\u001bé😀" };
  assertEquals(JSON.parse(printed(JSON.stringify(value))), value);
});
