/** Environment: which values each variable accepts. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";
import { Environment } from "../../src/config/environment.ts";
import type { PublisherKey } from "../../src/config/secrets.ts";

const NAMES = Object.keys(Environment.shape);
const { properties = {} } = z.toJSONSchema(Environment, { io: "input" });
const VARIABLES = z.record(z.string(), z.object({ default: z.string().optional(), description: z.string() }))
  .parse(properties);

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A publisher key as it is parsed. */
function key(text: string, { isShort = false } = {}): PublisherKey {
  return { digest: sha256(text), isShort };
}

/** A webhook secret of this many bytes, all of them 255, which base64 writes as `/`. */
function whsec(bytes: number): string {
  return `whsec_${btoa("\xff".repeat(bytes))}`;
}

Deno.test("Environment has at most 41 variables besides HOST and PORT, each with a prefixed name and a description of one line", () => {
  assertEquals(Object.keys(VARIABLES), NAMES);
  assert(NAMES.filter((name) => name.startsWith("TIDINGS_")).length <= 41);
  for (const [name, { description }] of Object.entries(VARIABLES)) {
    assertMatch(name, /^(HOST|PORT|TIDINGS_[A-Z_]+)$/);
    assertMatch(description, /^[^|\n]{10,}$/);
  }
});

Deno.test("Environment gives a variable that is not set its default value", () => {
  const unset = Environment.parse({});
  for (const [name, { default: text }] of Object.entries(VARIABLES)) {
    const key = name as keyof Environment;
    const expected = text === undefined ? undefined : Environment.parse({ [name]: text })[key];
    assertEquals<unknown>(unset[key], expected);
  }
});

/** The keys of RFC 8291, appendix A, of the application server. */
const VAPID = {
  privateKey: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  publicKey: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
};
const ORDER_OF_P256 = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

function base64url(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64url");
}

/** Valid values: the variable, its text, and the parsed value. */
const VALID: readonly [keyof Environment, string, unknown][] = [
  ["HOST", "::", "::"],
  ["PORT", "0", 0],
  ["PORT", "65535", 65_535],
  ["PORT", "08000", 8_000],
  ["TIDINGS_PUBLISHER_KEYS", "k".repeat(16), [key("k".repeat(16))]],
  ["TIDINGS_PUBLISHER_KEYS", `one , sha256:${sha256("two").toUpperCase()}`, [
    key("one", { isShort: true }),
    key("two"),
  ]],
  ["TIDINGS_TOKEN_SECRET", "s".repeat(32), "s".repeat(32)],
  ["TIDINGS_TOKEN_SECRET", "ß".repeat(16), "ß".repeat(16)],
  ["TIDINGS_TOKEN_JWKS_URL", "https://id.example.com/keys?v=1", "https://id.example.com/keys?v=1"],
  ["TIDINGS_TOKEN_JWKS_URL", "http://localhost:8080/keys", "http://localhost:8080/keys"],
  ["TIDINGS_TOKEN_JWKS_URL", "http://127.0.0.1/keys", "http://127.0.0.1/keys"],
  ["TIDINGS_TOKEN_JWKS_URL", "http://[::1]:8080/keys", "http://[::1]:8080/keys"],
  ["TIDINGS_ALLOWED_ORIGINS", "https://example.com", ["https://example.com"]],
  ["TIDINGS_ALLOWED_ORIGINS", "https://a.example, http://b.example:81", [
    "https://a.example",
    "http://b.example:81",
  ]],
  ["TIDINGS_ALLOWED_ORIGINS", "https://*.Example.com:443/", ["https://*.example.com"]],
  ["TIDINGS_ALLOWED_ORIGINS", "https://bücher.example", ["https://xn--bcher-kva.example"]],
  ["TIDINGS_ALLOWED_ORIGINS", "capacitor://localhost,Tauri://localhost/", [
    "capacitor://localhost",
    "tauri://localhost",
  ]],
  ["TIDINGS_ALLOWED_ORIGINS", "chrome-extension://abcdefghijklmnop, file://, null", [
    "chrome-extension://abcdefghijklmnop",
    "file://",
    "null",
  ]],
  ["TIDINGS_JOURNAL", "memory:", { kind: "memory" }],
  ["TIDINGS_JOURNAL", "sqlite:a b/j.db", { kind: "sqlite", path: "a b/j.db", synchronous: "full" }],
  ["TIDINGS_JOURNAL", "sqlite:/j?synchronous=full", { kind: "sqlite", path: "/j", synchronous: "full" }],
  ["TIDINGS_JOURNAL", "sqlite:j?synchronous=normal", { kind: "sqlite", path: "j", synchronous: "normal" }],
  ["TIDINGS_JOURNAL", "nats://a:1,nats://b/?stream=push&replicas=3", {
    kind: "nats",
    servers: ["a:1", "b:4222"],
    user: null,
    password: null,
    credentials: null,
    tls: null,
    stream: "push",
    replicas: 3,
  }],
  ["TIDINGS_RETENTION_SECONDS", "0", 0],
  ["TIDINGS_RETENTION_BYTES", "1048576", 1_048_576],
  ["TIDINGS_MESSAGE_WEBHOOK_URL", "https://app.example/messages?v=1", "https://app.example/messages?v=1"],
  ["TIDINGS_MESSAGE_WEBHOOK_URL", "http://app:8080", "http://app:8080"],
  ["TIDINGS_MESSAGE_WEBHOOK_SECRET", whsec(24), new Uint8Array(24).fill(0xff)],
  ["TIDINGS_MESSAGE_WEBHOOK_SECRET", whsec(25), new Uint8Array(25).fill(0xff)],
  ["TIDINGS_MESSAGE_WEBHOOK_SECRET", whsec(64), new Uint8Array(64).fill(0xff)],
  ["TIDINGS_VAPID_PRIVATE_KEY", VAPID.privateKey, VAPID],
  ["TIDINGS_VAPID_SUBJECT", "mailto:hamilton@treasury.example", "mailto:hamilton@treasury.example"],
  ["TIDINGS_VAPID_SUBJECT", "https://treasury.example/contact", "https://treasury.example/contact"],
  ["TIDINGS_PUSH_ORIGINS", "https://push.example, https://Push.example:8443/", [
    "https://push.example",
    "https://push.example:8443",
  ]],
  ["TIDINGS_MAX_MEMORY_BYTES", "2147483648", 2_147_483_648],
  ["TIDINGS_DEMO", "on", "on"],
  ["TIDINGS_DEMO", "OFF", "off"],
  ["TIDINGS_LOG_LEVEL", "warning", "warning"],
  ["TIDINGS_LOG_LEVEL", "warn", "warning"],
  ["TIDINGS_LOG_LEVEL", "INFO", "info"],
];

for (const [name, text, value] of VALID) {
  Deno.test(`Environment parses ${name}=${text}`, () => {
    assertEquals<unknown>(Environment.parse({ [name]: text })[name], value);
  });
}

const ORIGIN = "expected an origin like https://example.com, https://*.example.com, app://name or null";
const KEY = "expected a key of visible ASCII characters, or sha256: and 64 hexadecimal digits";
const KEY_SET_URL = "expected an https URL, or an http URL of a loopback host";
const NATS_FORM = "nats://HOST:PORT/?stream=NAME&replicas=N (N from 1 to 5)";

/** Invalid values: the variable, its texts, and the message for each of them. */
const INVALID: readonly [keyof Environment, string[], string][] = [
  [
    "PORT",
    ["65536", "-1", "8000.5", "8e3", "0x50", " 80", "", "http"],
    "expected a whole number from 0 to 65535",
  ],
  ["TIDINGS_RETENTION_SECONDS", ["31536001", "1h"], "expected a whole number from 0 to 31536000"],
  ["TIDINGS_RETENTION_PER_TARGET", ["0", "1000001"], "expected a whole number from 1 to 1000000"],
  [
    "TIDINGS_RETENTION_BYTES",
    ["1048575", "256MB", "9".repeat(16)],
    "expected a whole number from 1048576 to 1099511627776",
  ],
  ["TIDINGS_OUTBOX_BYTES", ["0"], "expected a whole number from 1 to 1073741824"],
  ["TIDINGS_MAX_CONNECTIONS", ["0"], "expected a whole number from 1 to 10000000"],
  ["TIDINGS_MAX_CONNECTIONS_PER_TARGET", ["0"], "expected a whole number from 1 to 10000000"],
  [
    "TIDINGS_MAX_MEMORY_BYTES",
    ["0", "1048575", "2g"],
    "expected a whole number from 1048576 to 1099511627776",
  ],
  ["TIDINGS_DRAIN_SECONDS", ["0", "3601"], "expected a whole number from 1 to 3600"],
  ["TIDINGS_DEMO", ["yes", "1"], "expected on or off"],
  ["TIDINGS_LOG_LEVEL", ["trace", "warnings"], "expected debug, info, warning or error"],
  [
    "TIDINGS_JOURNAL",
    [
      "memory",
      "file:/tmp",
      "sqlite:",
      "sqlite:data/",
      "sqlite:j?synchronous=off",
      "sqlite:j?",
      "redis://a",
      "nats://",
    ],
    `expected memory:, sqlite:PATH, sqlite:PATH?synchronous=normal or ${NATS_FORM}`,
  ],
  [
    "TIDINGS_QUEUE",
    ["nats", "redis://a", "nats://", "nats://a/?stream=a.b", "nats://a/?replicas=6", "nats://a/?subject=b"],
    `expected ${NATS_FORM}`,
  ],
  [
    "TIDINGS_OUTBOX",
    ["postgres", "mysql://h:secret@a/treasury", "postgres://a", "postgres://h:secret@a/t?sslmode=secret"],
    "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE, percent-encoded, where MODE is " +
    "disable, prefer, require, verify-ca or verify-full",
  ],
  ["TIDINGS_TOKEN_SECRET", ["s".repeat(31)], "expected at least 32 bytes (RFC 7518, section 3.2)"],
  ["TIDINGS_PUBLISHER_KEYS", [
    "a,",
    ",",
    "sha256:",
    "sha256:abc",
    `a,sha256:${"g".repeat(64)}`,
    "two words",
    "schlüssel",
  ], KEY],
  ["TIDINGS_TOKEN_JWKS_URL", [
    "http://id.example.com/keys",
    "http://localhost.example.com/keys",
    "http://127.0.0.1.example.com/",
    "ftp://id.example.com/",
    "https://",
    "id.example.com",
  ], KEY_SET_URL],
  ["TIDINGS_MESSAGE_WEBHOOK_URL", [
    "app.example",
    "/messages",
    "https://",
    "wss://app.example",
    "https://me@app.example",
    "https://me:word@app.example",
    "https://:word@app.example",
  ], "expected an http or https URL without a user name and password"],
  ["TIDINGS_MESSAGE_WEBHOOK_SECRET", [
    "whsec_",
    whsec(23),
    whsec(65),
    whsec(32).slice("whsec_".length),
    whsec(32).slice(0, -1), // without the padding
    whsec(32).replace("_", "-"),
    whsec(32).replace("//", "_/"), // base64url
    `${whsec(32)} `,
    `${whsec(30)}!`,
    `whsec_${"f".repeat(64)}=`,
  ], "expected whsec_ and 24 to 64 bytes in base64"],
  ["TIDINGS_VAPID_PRIVATE_KEY", [
    VAPID.publicKey,
    VAPID.privateKey.slice(0, -1),
    `${VAPID.privateKey}=`,
    `${VAPID.privateKey.slice(0, -1)}!`,
    `${VAPID.privateKey.slice(0, -1)}f`, // the last character has two bits too many
    base64url("00".repeat(32)),
    base64url("ff".repeat(32)),
    base64url(ORDER_OF_P256),
  ], "expected a private key of P-256 as 32 bytes in base64url, which `deno task vapid` makes"],
  ["TIDINGS_VAPID_SUBJECT", [
    "hamilton@treasury.example",
    "mailto:hamilton",
    "mailto: hamilton@treasury.example",
    "mailto:<hamilton@treasury.example>",
    "mailto:hamilton@localhost",
    "http://treasury.example",
    "https://localhost:8000",
    "https://me:word@treasury.example",
    "https://",
  ], "expected mailto:ADDRESS or an https URL, under which push services can reach you"],
  ["TIDINGS_PUSH_ORIGINS", [
    "push.example",
    "http://push.example",
    "https://",
    "https://*.push.example",
    "https://push.example/send",
    "https://me@push.example",
    "https://169.254.169.254",
    "https://0x7f.1",
    "https://2130706433",
    "https://[::1]:8443",
    "https://push.example,,https://other.example",
  ], "expected an https origin with the name of a host, like https://push.example.com"],
  ["TIDINGS_ALLOWED_ORIGINS", [
    "*",
    "https://*",
    "example.com",
    "https://",
    "https://example.com/app",
    "https://a.*.example.com",
    "https://*.*.example.com",
    "https://ex*mple.com",
    "https://me@example.com",
    "https://example.com?",
    "wss://example.com",
    "app://*",
    "app://name/path",
    "data:text",
    "NULL",
    "https://a.example,,https://b.example",
  ], ORIGIN],
];

for (const [name, texts, message] of INVALID) {
  Deno.test(`Environment rejects an invalid ${name} with the expected value, and never with the value itself`, () => {
    for (const text of texts) {
      const { error } = Environment.safeParse({ [name]: text });
      const issues = (error?.issues ?? []).map(({ path: [variable], message }) =>
        `${String(variable)}: ${message}`
      );
      assertEquals([...new Set(issues)], [`${name}: ${message}`], text);
    }
  });
}

Deno.test("Environment rejects the http URL of a key set that only resembles a loopback URL", () => {
  for (const url of ["http://localhost:80@id.example.com/keys", "http://127.0.0.1:x@id.example.com/"]) {
    assertEquals(Environment.safeParse({ TIDINGS_TOKEN_JWKS_URL: url }).success, false, url);
  }
});
