/** Publisher keys: those with names and scopes, and the names of the others. */

import { assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { ConfigError, configFrom } from "../../src/config/config.ts";
import { SCOPES } from "../../src/wire/principal.ts";

const KEY = "a-key-of-the-backend", OTHER_KEY = "another-key-of-the-backend";
const TOKENS = { TIDINGS_TOKEN_SECRET: "the secret of the founding fathers" };

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function keysOf(scopedKeys: string, keys?: string) {
  const more = keys === undefined ? {} : { TIDINGS_PUBLISHER_KEYS: keys };
  return configFrom({ ...TOKENS, TIDINGS_SCOPED_KEYS: scopedKeys, ...more }).publisherKeys;
}

function errorOf(scopedKeys: string, keys?: string): string {
  return assertThrows(() => keysOf(scopedKeys, keys), ConfigError).message;
}

Deno.test("configFrom gives scoped keys their names and scopes, after the keys without a name, which have all scopes", () => {
  assertEquals(keysOf(`grafana:read:${KEY}, web-1:tokens+publish:${OTHER_KEY}`, "k".repeat(16)), [
    { name: "key-1", scopes: SCOPES, digest: sha256("k".repeat(16)), isShort: false },
    { name: "grafana", scopes: ["read"], digest: sha256(KEY), isShort: false },
    { name: "web-1", scopes: ["tokens", "publish"], digest: sha256(OTHER_KEY), isShort: false },
  ]);
});

Deno.test("configFrom splits a scoped key at the first two colons, and accepts its hash", () => {
  assertEquals(keysOf(`a:admin:sha256:${sha256(KEY)},b:read:${KEY}:with:colons:`), [
    { name: "a", scopes: ["admin"], digest: sha256(KEY), isShort: false },
    { name: "b", scopes: ["read"], digest: sha256(`${KEY}:with:colons:`), isShort: false },
  ]);
});

Deno.test("configFrom needs no other publisher keys if there are scoped keys", () => {
  assertEquals(configFrom({ ...TOKENS, TIDINGS_SCOPED_KEYS: `a:read:${KEY}` }).development, false);
});

const FORM = "expected NAME:SCOPE[+SCOPE]:KEY";
const NAME = "expected a name of at most 64 letters, digits, dots, hyphens and underscores";
const RESERVED = "expected a name that Tidings does not give to keys without one";
const SCOPE = "expected scopes of publish, tokens, read, admin, joined by +";
const CHARACTERS = "expected a key of visible ASCII characters, or sha256: and 64 hexadecimal digits";

for (
  const [message, items] of [
    [FORM, ["", KEY, `a:${KEY}`, "a:read:", "a:read", "::"]],
    [NAME, [
      `:read:${KEY}`,
      `a b:read:${KEY}`,
      `ä:read:${KEY}`,
      `-a:read:${KEY}`,
      `${"a".repeat(65)}:read:${KEY}`,
    ]],
    [RESERVED, [`key-1:read:${KEY}`, `key-20:read:${KEY}`, `anyone:read:${KEY}`]],
    [SCOPE, [`a::${KEY}`, `a:write:${KEY}`, `a:read+:${KEY}`, `a:Read:${KEY}`, `a:sha256:${sha256(KEY)}`]],
    [CHARACTERS, ["a:read:sha256:00", "a:read:a key of the backend", "a:read:schlüssel"]],
  ] as const
) {
  Deno.test(`configFrom refuses scoped keys with "${message}", the number of the item, and nothing of it`, () => {
    for (const item of items) {
      assertEquals(errorOf(`ok:read:${OTHER_KEY},${item}`), `TIDINGS_SCOPED_KEYS, item 2: ${message}`, item);
    }
  });
}

Deno.test("configFrom refuses names and keys that are there twice", () => {
  const twice = `a:read:${KEY},b:admin:${OTHER_KEY}`;
  assertEquals(
    errorOf(`${twice},a:read:third-key-of-it`),
    "TIDINGS_SCOPED_KEYS, item 3: the name is that of item 1",
  );
  assertEquals(
    errorOf(`${twice},c:read:${OTHER_KEY}`),
    "TIDINGS_SCOPED_KEYS, item 3: the key is that of item 2",
  );
  assertEquals(
    errorOf(twice, OTHER_KEY),
    "TIDINGS_SCOPED_KEYS, item 2: the key is also in TIDINGS_PUBLISHER_KEYS",
  );
});

Deno.test("configFrom warns of short scoped keys, unless only their hash is known", () => {
  const keys = `a:read:short,b:read:${KEY},c:read:sha256:${sha256("x")}`;
  assertEquals(configFrom({ ...TOKENS, TIDINGS_SCOPED_KEYS: keys }).warnings, [
    "TIDINGS_SCOPED_KEYS, item 1: the key has fewer than 16 characters and can be guessed",
  ]);
});
