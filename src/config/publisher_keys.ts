/** The keys of publishers: those that may do everything, and those with a name and scopes. */

import { z } from "zod";
import { type Principal, type Scope, SCOPES } from "../wire/principal.ts";
import { PublisherKey } from "./secrets.ts";

/** A key and its owner. */
export interface ConfiguredKey extends Principal {
  /** SHA-256 of the key, in hexadecimal. */
  readonly digest: string;
  /** True if the key can be guessed. */
  readonly isShort: boolean;
}

/** A key of `TIDINGS_SCOPED_KEYS`. */
export interface ScopedKey extends ConfiguredKey, PublisherKey {}

const NAME = /^[A-Za-z\d][\w.-]{0,63}$/; // needs no escaping in logs and metrics
const RESERVED_NAME = /^(?:key-\d+|anyone)$/;

/** `NAME:SCOPE[+SCOPE]:KEY`. The key may contain colons itself, as `sha256:HEX` does. */
const ScopedKey = z.string().transform((text, context): ScopedKey => {
  const [, name = "", scopes = "", key = ""] = /^([^:]*):([^:]*):(.+)$/.exec(text) ?? [];
  const { data, error } = PublisherKey.safeParse(key), list = scopes.split("+");
  const message = faultOf({ name, key }) ?? error?.issues[0]?.message;
  if (message === undefined && data !== undefined && list.every(isScope)) {
    return { name, scopes: list, ...data };
  }
  const inScopes = `expected scopes of ${SCOPES.join(", ")}, joined by +`;
  context.addIssue({ code: "custom", message: message ?? inScopes });
  return z.NEVER;
});

function faultOf({ name, key }: { name: string; key: string }): string | undefined {
  if (key === "") return "expected NAME:SCOPE[+SCOPE]:KEY";
  if (!NAME.test(name)) return "expected a name of at most 64 letters, digits, dots, hyphens and underscores";
  if (RESERVED_NAME.test(name)) return "expected a name that Tidings does not give to keys without one";
  return undefined;
}

/** Each name and each key once: otherwise it would be unclear whose request it is, and what it may do. */
export const ScopedKeys = z.array(ScopedKey).superRefine((keys, context) => {
  for (const [index, { name, digest }] of keys.entries()) {
    const twin = keys.findIndex((one) => one.name === name || one.digest === digest);
    if (twin === index) continue;
    const what = keys[twin]?.name === name ? "name" : "key";
    context.addIssue({ code: "custom", path: [index], message: `the ${what} is that of item ${twin + 1}` });
  }
});

/** Names the keys that have no name: key-1, key-2 and so on. */
export function allKeys(
  keys: readonly PublisherKey[],
  scopedKeys: readonly ScopedKey[],
): readonly ConfiguredKey[] {
  const unnamed = keys.map(({ digest, isShort }, index) => ({
    name: `key-${index + 1}`,
    scopes: SCOPES,
    digest,
    isShort,
  }));
  return [
    ...unnamed,
    ...scopedKeys.map(({ name, scopes, digest, isShort }) => ({ name, scopes, digest, isShort })),
  ];
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}
