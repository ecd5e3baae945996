/** Tests of what the load says to each kind of server. */

import { assertEquals } from "@std/assert";
import { DIALECTS, type NotificationText } from "./dialect.ts";

const { tidings, centrifugo } = DIALECTS;
const notifications: NotificationText[] = ["1", "2"].map((n) => ({ target: `t${n}`, data: `{"n":${n}}` }));

Deno.test("The dialect of Tidings names the target in the query, and sends tokens and keys as credentials", () => {
  const server = { connect: "/connect?target=" };
  assertEquals(tidings.connect(server, { target: "t1", token: null }), {
    path: "/connect?target=t1",
    credential: null,
  });
  assertEquals(tidings.connect(server, { target: "t1", token: "abc" }).credential, "abc");
  assertEquals(tidings.authorization("key"), "Bearer key");
});

Deno.test("The dialect of Tidings posts several notifications as an array", () => {
  assertEquals(JSON.parse(tidings.many(notifications)), [
    { target: "t1", data: { n: 1 } },
    { target: "t2", data: { n: 2 } },
  ]);
});

Deno.test("The dialect of Centrifugo subscribes to a personal channel, by its name or by the token", () => {
  const server = { connect: "/connect?cf_connect=" };
  const asked = (token: string | null) => {
    const { path, credential } = centrifugo.connect(server, { target: "t1", token });
    assertEquals(credential, null);
    return JSON.parse(new URL(path, "http://localhost").searchParams.get("cf_connect") ?? "");
  };
  assertEquals(asked(null), { subs: { "#t1": {} } });
  assertEquals(asked("abc"), { token: "abc" });
});

Deno.test("The dialect of Centrifugo posts several notifications as commands of one batch", () => {
  assertEquals(JSON.parse(centrifugo.many(notifications)), {
    commands: [
      { publish: { channel: "#t1", data: { n: 1 } } },
      { publish: { channel: "#t2", data: { n: 2 } } },
    ],
  });
});
