/** Tests of what the load says to each kind of server. */

import { assertEquals } from "@std/assert";
import { DIALECTS, type NotificationText } from "./dialect.ts";

const { tidings, centrifugo } = DIALECTS;
const notifications: NotificationText[] = ["1", "2"].map((n) => ({ target: `t${n}`, data: `{"n":${n}}` }));

Deno.test("The dialect of Tidings names the target in the query, and sends tokens and keys as credentials", () => {
  const server = { connect: "/connect?target=" };
  const tab = { target: "t1", token: null, resumes: false };
  assertEquals(tidings.connect(server, tab), { path: "/connect?target=t1", credential: null });
  assertEquals(tidings.connect(server, { ...tab, token: "abc" }).credential, "abc");
  assertEquals(tidings.connect(server, { ...tab, resumes: true }).path, "/connect?target=t1&after=earliest");
  assertEquals(tidings.authorization("key"), "Bearer key");
});

Deno.test("The dialect of Tidings posts several notifications as an array", () => {
  assertEquals(JSON.parse(tidings.many(notifications)), [
    { target: "t1", data: { n: 1 } },
    { target: "t2", data: { n: 2 } },
  ]);
});

Deno.test("The dialect of Centrifugo subscribes to the personal channel of the token, and recovers it", () => {
  const server = { connect: "/connect?cf_connect=" };
  const asked = (token: string | null, resumes = false) => {
    const { path, credential } = centrifugo.connect(server, { target: "t1", token, resumes });
    assertEquals(credential, null);
    return JSON.parse(new URL(path, "http://localhost").searchParams.get("cf_connect") ?? "");
  };
  assertEquals(asked(null), { subs: { "#t1": {} } });
  assertEquals(asked("abc"), { token: "abc", subs: { "#t1": {} } });
  assertEquals(asked(null, true), { subs: { "#t1": { recover: true, epoch: "", offset: 0 } } });
});

Deno.test("The dialect of Centrifugo posts several notifications as commands of one batch", () => {
  assertEquals(JSON.parse(centrifugo.many(notifications)), {
    commands: [
      { publish: { channel: "#t1", data: { n: 1 } } },
      { publish: { channel: "#t2", data: { n: 2 } } },
    ],
  });
});
