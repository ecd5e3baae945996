/** accessFrom: which URL and which key the commands use. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { accessFrom } from "../../../src/cli/call/access.ts";
import { Failure } from "../../../src/cli/call/failure.ts";

const KEY = "k".repeat(32);

for (
  const [variables, url] of [
    [{}, "http://127.0.0.1:8000"],
    [{ TIDINGS_URL: " https://push.example.com/ \n" }, "https://push.example.com"],
    [{ TIDINGS_URL: "https://example.com/push/?x#y" }, "https://example.com/push"],
    [{ PORT: "9000" }, "http://127.0.0.1:9000"],
    [{ HOST: "0.0.0.0", PORT: "9000" }, "http://127.0.0.1:9000"],
    [{ HOST: "::" }, "http://127.0.0.1:8000"],
    [{ HOST: "10.0.0.5" }, "http://10.0.0.5:8000"],
    [{ HOST: "::1" }, "http://[::1]:8000"],
    [{ HOST: "10.0.0.5", TIDINGS_URL: "http://localhost:1234" }, "http://localhost:1234"],
  ] as const
) {
  Deno.test(`accessFrom uses ${url} with ${JSON.stringify(variables)}`, () => {
    assertEquals(accessFrom(variables), { url, key: null });
  });
}

Deno.test("accessFrom refuses a URL that is none, or has a password, without repeating it", () => {
  for (const TIDINGS_URL of ["localhost:8000", "ftp://a", "nonsense", "https://user:hunter2@example.com"]) {
    const { message } = assertThrows(() => accessFrom({ TIDINGS_URL }), Failure, "TIDINGS_URL: expected");
    assert(!message.includes(TIDINGS_URL));
  }
});

Deno.test("accessFrom prefers TIDINGS_KEY to the keys of the service, and reads either from a file", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "of-the-file\n");
  const keys = `sha256:${"0".repeat(64)}, ${KEY},other`;
  const keyWith = (variables: Record<string, string>) => accessFrom(variables).key;
  assertEquals(keyWith({ TIDINGS_KEY: "of-the-variable", TIDINGS_PUBLISHER_KEYS: keys }), "of-the-variable");
  assertEquals(keyWith({ TIDINGS_KEY_FILE: file, TIDINGS_PUBLISHER_KEYS: keys }), "of-the-file");
  assertEquals(keyWith({ TIDINGS_KEY: "", TIDINGS_KEY_FILE: "", TIDINGS_PUBLISHER_KEYS: keys }), KEY);
  assertEquals(keyWith({ TIDINGS_PUBLISHER_KEYS_FILE: file }), "of-the-file");
  assertEquals(keyWith({ TIDINGS_PUBLISHER_KEYS: `sha256:${"0".repeat(64)}` }), null);
  assertThrows(
    () => keyWith({ TIDINGS_KEY: "of-the-variable", TIDINGS_KEY_FILE: file }),
    Failure,
    "TIDINGS_KEY, TIDINGS_KEY_FILE: only one of them may be set",
  );
  await Deno.remove(file);
});

Deno.test("accessFrom refuses a key that no header can carry, or its hash, without repeating it", () => {
  for (const TIDINGS_KEY of ["two words", "schlüssel", `sha256:${"0".repeat(64)}`]) {
    const { message } = assertThrows(() => accessFrom({ TIDINGS_KEY }), Failure, "TIDINGS_KEY: expected");
    assert(!message.includes(TIDINGS_KEY));
  }
});

Deno.test("accessFrom refuses a file that cannot be read", () => {
  assertThrows(
    () => accessFrom({ TIDINGS_KEY_FILE: "/nowhere" }),
    Failure,
    "TIDINGS_KEY_FILE: cannot be read",
  );
});
