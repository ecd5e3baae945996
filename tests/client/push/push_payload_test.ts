/** parsePayload: what a push says, and whose it is. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parsePayload } from "../../../src/client/push/push_payload.ts";

function parse(payload: unknown) {
  return parsePayload(JSON.stringify(payload));
}

Deno.test("parsePayload reads the JSON of Declarative Web Push, and passes on what it does not know", () => {
  const notification = {
    title: "Your order has shipped",
    body: "It arrives on Friday.",
    navigate: "https://example.com/orders/7",
    tag: "orders",
    lang: "en",
    data: { id: "order-7", target: "alexander", position: "p1" },
  };
  assertEquals(parse({ web_push: 8030, notification, app_badge: 3 }), {
    id: "order-7",
    target: "alexander",
    title: notification.title,
    navigate: notification.navigate,
    options: { body: notification.body, lang: "en", data: notification.data, tag: "orders" },
    badge: 3,
  });
});

Deno.test("parsePayload does with an id alone, and ignores members of another type", () => {
  const expected = {
    id: "1",
    target: undefined,
    title: "",
    navigate: "/",
    options: { data: { id: "1" }, tag: "1" },
    badge: undefined,
  };
  assertEquals(parse({ web_push: 8030, notification: { data: { id: "1" } } }), expected);
  const wrong = { title: 1, navigate: null, tag: {}, data: { id: "1", target: 2 } };
  const options = { ...expected.options, data: wrong.data };
  assertEquals(parse({ web_push: 8030, notification: wrong, app_badge: "3" }), { ...expected, options });
});

for (
  const payload of [
    {},
    [],
    { order: 7 },
    { notification: { title: "Hello", data: { id: "1" } } },
    { web_push: 8031, notification: { title: "Hello", data: { id: "1" } } },
    { web_push: 8030 },
    { web_push: 8030, notification: { title: "Hello", data: { id: 1 } } },
    { web_push: 8030, notification: { title: "Hello", data: null } },
  ]
) {
  Deno.test(`parsePayload leaves ${JSON.stringify(payload)} to the application`, () => {
    assertEquals(parse(payload), "foreign");
  });
}

Deno.test("parsePayload returns null for a push without data, and for anything but an object", () => {
  for (const text of [undefined, "", "Hello", "{", '"text"', "8030", "null", "true"]) {
    assertEquals(parsePayload(text), null, text);
  }
});

Deno.test("parsePayload never throws, and never loses an id", () => {
  fc.assert(fc.property(fc.json(), (text) => void parsePayload(text)));
  fc.assert(fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (id, title, tag) => {
    const payload = parse({ web_push: 8030, notification: { title, tag, data: { id } } });
    assertEquals(typeof payload === "object" && payload?.id, id);
  }));
});
