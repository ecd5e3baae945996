/** Tests encodePayload and encodeSmallPayload: what a device receives. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  encodePayload,
  encodeSmallPayload,
  MAX_PAYLOAD_BYTES,
  MIN_PAYLOAD_BYTES,
  type PushContent,
} from "../../src/push/push_message.ts";

const ORIGIN = "https://example.com";
const NOTHING = { after: 10, title: null, body: null, navigate: null };
const CONTENT: PushContent = {
  id: "42",
  target: "alexander",
  topic: "order-7",
  urgency: "high",
  data: '{"title":"Your order","body":"It has been shipped.","navigate":"/orders/7"}',
  request: NOTHING,
  position: "17-3",
};
/** 32 characters of the SHA-256 of "42", as `printf 42 | sha256sum` says. */
const TAG_OF_42 = Uint8Array.fromHex("73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049")
  .toBase64({ alphabet: "base64url" }).slice(0, 32);

function decode(bytes: Uint8Array): Decoded {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

interface Decoded {
  readonly web_push: number;
  readonly notification: {
    readonly title: string;
    readonly body?: string;
    readonly navigate: string;
    readonly tag: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

function notificationOf(
  content: Partial<PushContent>,
  origin: string | null = ORIGIN,
): Decoded["notification"] {
  return decode(encodePayload({ ...CONTENT, ...content }, { origin })).notification;
}

Deno.test("encodePayload encodes a declarative push message", () => {
  assertEquals(decode(encodePayload(CONTENT, { origin: ORIGIN })), {
    web_push: 8030,
    notification: {
      title: "Your order",
      body: "It has been shipped.",
      navigate: "https://example.com/orders/7",
      tag: "order-7",
      data: {
        id: "42",
        target: "alexander",
        topic: "order-7",
        urgency: "high",
        position: "17-3",
        data: { title: "Your order", body: "It has been shipped.", navigate: "/orders/7" },
      },
    },
  });
});

Deno.test("encodePayload leaves out what is not known", () => {
  const content = { ...CONTENT, topic: null, urgency: null, position: null, data: "null" };
  assertEquals(decode(encodePayload(content, { origin: null })).notification, {
    title: "Notification",
    navigate: "/",
    tag: TAG_OF_42,
    data: { id: "42", target: "alexander", data: null },
  });
});

Deno.test("encodePayload contains the publisher's text of data unchanged", () => {
  const data = '{"n": 12345678901234567890, "n": 1.0e0, "s": "\\u00e9" }';
  const payload = new TextDecoder().decode(encodePayload({ ...CONTENT, data }, { origin: ORIGIN }));
  assert(payload.includes(`"data":${data}}`), payload);
});

Deno.test("encodePayload throws for data that is not JSON", () => {
  assertThrows(() => encodePayload({ ...CONTENT, data: "{" }, { origin: ORIGIN }), SyntaxError);
});

Deno.test("encodePayload prefers the request's texts to those of data", () => {
  const request = { after: 10, title: "T", body: "B", navigate: "/N" };
  const { title, body, navigate } = notificationOf({ request });
  assertEquals({ title, body, navigate }, { title: "T", body: "B", navigate: "https://example.com/N" });
});

for (
  const data of [
    "7",
    "[]",
    '"title"',
    "{}",
    '{"title":7,"body":{},"navigate":null}',
    '{"title":"","body":""}',
  ]
) {
  Deno.test(`encodePayload shows the site for the data ${data}`, () => {
    const { title, body, navigate } = notificationOf({ data }, "https://example.com:8443");
    assertEquals({ title, body, navigate }, {
      title: "example.com:8443",
      body: undefined,
      navigate: "https://example.com:8443/",
    });
  });
}

for (
  const [navigate, origin, expected] of [
    ["/inbox?a=1#b", ORIGIN, "https://example.com/inbox?a=1#b"],
    ["inbox", ORIGIN, "https://example.com/inbox"],
    ["//example.org/inbox", ORIGIN, "https://example.org/inbox"],
    ["https://example.org/a b", ORIGIN, "https://example.org/a%20b"],
    ["http://example.org", ORIGIN, "http://example.org/"],
    ["", ORIGIN, "https://example.com/"],
    ["javascript:alert(1)", ORIGIN, "https://example.com/"],
    ["data:text/html,hello", ORIGIN, "https://example.com/"],
    ["https://", ORIGIN, "https://example.com/"],
    ["/inbox", null, "/inbox"],
    ["https://example.org/a b", null, "https://example.org/a%20b"],
    ["javascript:alert(1)", null, "/"],
    ["https://", null, "/"],
    ["/inbox", "null", "/inbox"],
    ["/inbox", "app://example", "/inbox"],
    ["/inbox", `https://${"a".repeat(300)}.example`, "/inbox"],
  ] as const
) {
  Deno.test(`encodePayload resolves ${navigate} against ${origin?.slice(0, 40)} to ${expected}`, () => {
    assertEquals(notificationOf({ request: { ...NOTHING, navigate } }, origin).navigate, expected);
  });
}

for (const topic of ["order-7", "A_b-9", "x".repeat(32)]) {
  Deno.test(`encodePayload has the topic ${topic} as its tag`, () =>
    assertEquals(notificationOf({ topic }).tag, topic));
}

Deno.test("encodePayload has a hash as its tag if the topic does not fit into the header Topic", () => {
  const tags = ["orders/7", "x".repeat(33), "ä", "", "42"].map((topic) => notificationOf({ topic }).tag);
  assert(tags.every((tag) => /^[\w-]{1,32}$/.test(tag)), tags.join());
  assertEquals(tags.at(-1), "42");
  const hashes = tags.slice(0, -1);
  assert(hashes.every((tag) => tag.length === 32) && new Set([...hashes, TAG_OF_42]).size === 5);
  assertEquals(notificationOf({ topic: "orders/7", id: "43" }).tag, hashes[0]);
});

Deno.test("encodePayload sends title, body and id alone if all of it would be too large", () => {
  const data = JSON.stringify({
    title: "Your order",
    body: "It has been shipped.",
    navigate: "/7",
    x: "x".repeat(3993),
  });
  const notification = {
    title: "Your order",
    body: "It has been shipped.",
    navigate: "https://example.com/7",
    tag: "order-7",
    data: { id: "42" },
  };
  assertEquals(notificationOf({ data }), notification);
  assertEquals(
    decode(encodeSmallPayload({ ...CONTENT, data }, { origin: ORIGIN })).notification,
    notification,
  );
});

Deno.test("encodePayload cuts body and title so that they fit, and gives each what the other leaves", () => {
  const long = "🎉".repeat(2000);
  const ofLongBody = encodePayload({ ...CONTENT, request: { ...NOTHING, body: long } }, { origin: ORIGIN });
  const { title, body = "" } = decode(ofLongBody).notification;
  assertEquals(title, "Your order");
  assert(/^(🎉)+…$/u.test(body) && ofLongBody.length > MAX_PAYLOAD_BYTES - 4);
  const request = { ...NOTHING, title: long, body: long };
  const ofBoth = encodePayload({ ...CONTENT, request }, { origin: ORIGIN });
  const both = decode(ofBoth).notification;
  assert(/^(🎉)+…$/u.test(both.title) && /^(🎉)+…$/u.test(both.body ?? ""));
  assert(
    Math.abs(both.title.length - (both.body ?? "").length) <= 2 && ofBoth.length > MAX_PAYLOAD_BYTES - 8,
  );
});

Deno.test("encodePayload leads to the site if there is no room for the URL", () => {
  const request = { ...NOTHING, navigate: `/${"a".repeat(1000)}` };
  assertEquals(
    notificationOf({ request, data: JSON.stringify("x".repeat(4000)) }).navigate,
    "https://example.com/",
  );
});

Deno.test("encodePayload encodes everything at the limit, and less a byte above it", () => {
  const sizes = new Set<number>();
  for (let length = 3400; length < 3800; length++) {
    const bytes = encodePayload({ ...CONTENT, data: JSON.stringify("x".repeat(length)) }, { origin: ORIGIN });
    sizes.add(bytes.byteLength);
  }
  assert(
    sizes.has(MAX_PAYLOAD_BYTES) && Math.max(...sizes) === MAX_PAYLOAD_BYTES && Math.min(...sizes) < 200,
  );
});

const textsOfAnyKind = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.tuple(fc.constantFrom("a", '"', "\\", "é", "€", "🎉", "\u0000", "\ud83d", "👨‍👩‍👧‍👦", "e\u0301"), fc.nat(5000))
    .map(([text, count]) => text.repeat(count)),
);
const optionalText = fc.option(textsOfAnyKind);
const urls = fc.option(fc.oneof(fc.webUrl(), textsOfAnyKind.map((text) => `/${text}`)));
const names = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 128 }),
  fc.constantFrom('"', "\\", "€", "a").map((text) => text.repeat(128)),
);
const contents: fc.Arbitrary<PushContent> = fc.record({
  id: names.map((id) => id.slice(0, 128).toWellFormed()),
  target: names,
  topic: fc.option(names),
  urgency: fc.constantFrom(null, "very-low", "low", "normal", "high"),
  data: fc.oneof(
    fc.json(),
    fc.record({ title: textsOfAnyKind, body: textsOfAnyKind, navigate: urls }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
  ),
  request: fc.record({ after: fc.nat(), title: optionalText, body: optionalText, navigate: urls }),
  position: fc.option(fc.constant("17-3")),
});
const origins = fc.option(
  fc.oneof(
    fc.webUrl().map((url) => new URL(url).origin),
    fc.constantFrom("null", "", `https://${"a".repeat(600)}`),
  ),
);

for (const encode of [encodePayload, encodeSmallPayload]) {
  Deno.test(`${encode.name} is valid JSON, within its limit, and keeps the id, whatever it is given`, () => {
    const limits = fc.integer({ min: MIN_PAYLOAD_BYTES, max: MAX_PAYLOAD_BYTES });
    fc.assert(fc.property(contents, origins, limits, (content, origin, maxBytes) => {
      const bytes = encode(content, { origin, maxBytes });
      assert(bytes.byteLength <= maxBytes);
      const { web_push, notification } = decode(bytes);
      assertEquals([web_push, notification.data.id], [8030, content.id]);
      assert(notification.title !== "" && notification.body !== "" && /^[\w-]{1,32}$/.test(notification.tag));
      assert(
        /^https?:$/.test(URL.parse(notification.navigate, ORIGIN)?.protocol ?? ""),
        notification.navigate,
      );
    }));
  });

  Deno.test(`${encode.name} never cuts within a character`, () => {
    const whole = fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 3 })
      .filter((text) => text.isWellFormed() && !text.includes("\ufffd"));
    fc.assert(fc.property(whole, fc.integer({ min: 1, max: 4000 }), (text, count) => {
      const request = { ...NOTHING, title: text.repeat(count), body: text.repeat(count) };
      const { title, body = "" } = decode(encode({ ...CONTENT, request }, { origin: ORIGIN })).notification;
      for (const shown of [title, body]) {
        assert(shown.isWellFormed() && request.title.startsWith(shown.replace(/…$/, "")), shown);
      }
    }));
  });
}
