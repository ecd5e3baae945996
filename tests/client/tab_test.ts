/** Tab: what a page gets of what comes. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { connect, type ConnectOptions, type TidingsNotification } from "../../src/client/client.ts";
import { CLOSE } from "../../src/wire/close_codes.ts";
import { Happenings } from "./recorded_events.ts";
import { StandIn } from "./stand_in.ts";

const notification = (id: string, position: string, data: unknown = id) => (
  { type: "notification", id, position, at: "2026-01-01T00:00:00.000Z", data }
);

/** A service that accepts everybody, and a tab of Alexander's that is open. */
async function opened(options: ConnectOptions = {}, welcome: Record<string, unknown> = {}) {
  const service = new StandIn(({ accept }) => accept(welcome));
  const tidings = connect(service.url, { target: "alexander", ...options });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  return {
    service,
    tidings,
    happenings,
    async [Symbol.asyncDispose]() {
      await tidings.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

Deno.test("A tab gives a notification to listeners and to loops, as it came", async () => {
  await using tab = await opened();
  const loops = [tab.tidings.notifications(), tab.tidings.notifications()];
  let heard: TidingsNotification | undefined;
  tab.tidings.addEventListener("notification", ({ detail }) => heard = detail);
  tab.service.peer.send({ ...notification("a", "p1", { title: "Hello" }), topic: "t", urgency: "high" });
  const expected: TidingsNotification = {
    id: "a",
    position: "p1",
    at: "2026-01-01T00:00:00.000Z",
    data: { title: "Hello" },
    topic: "t",
    urgency: "high",
  };
  for (const loop of loops) assertEquals((await loop.next()).value, expected);
  assertEquals(heard, expected);
  assertEquals(tab.tidings.status, {
    state: "open",
    reason: "",
    retryInMs: 0,
    transport: "websocket",
    target: "alexander",
    connection: "c",
  });
});

/** A frame, and then maybe the end of the connection. */
const id = fc.constantFrom("a", "b", "c", "d", "e");
const message = fc.oneof({ arbitrary: id, weight: 8 }, fc.constantFrom("missed" as const, "error" as const));
const step = fc.record({ messages: fc.array(message, { minLength: 1, maxLength: 5 }), ends: fc.boolean() });

Deno.test("A tab resumes after the last position of whatever came, and gives each id once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      await using tab = await opened();
      const { service, happenings } = tab;
      let at = 0, opens = 1;
      const expected = ["open"];
      const given = new Set<string>();
      let position = "p0";
      for (const { messages, ends } of steps) {
        service.peer.send(...messages.map((one) => {
          if (one === "missed") return { type: "missed" };
          if (one === "error") return { type: "error", problem: { status: 422, title: "no", detail: "" } };
          return notification(one, position = `p${++at}`);
        }));
        for (const one of messages) {
          if (one === "missed") expected.push("missed slow");
          else if (one === "error") expected.push("error");
          else if (!given.has(one)) expected.push(`got ${one}`);
          given.add(one);
        }
        if (!ends) continue;
        service.peer.close(CLOSE.stuck.code);
        await happenings.has("waiting", opens);
        dispatchEvent(new Event("online"));
        await happenings.has("open", ++opens);
        expected.push("waiting", "connecting", "open");
        assertEquals(service.visits.at(-1)?.after, position);
        position = "p0"; // of the welcome
      }
      service.peer.send(notification("last", "p"));
      await happenings.has("got last");
      assertEquals(happenings.all, [...expected, "got last"]);
      assertEquals(tab.tidings.position, "p");
    }),
    { numRuns: 50 },
  );
});

Deno.test("A tab says that some expired, and goes on from where the stream starts", async () => {
  await using tab = await opened({ after: "p-old" }, { recovered: false, position: "p-new" });
  await tab.happenings.has("missed expired");
  assertEquals(tab.service.visits[0]?.after, "p-old");
  assertEquals(tab.tidings.position, "p-new");
});

Deno.test("A tab whose loop takes nothing keeps the newest, and says that it lost some", async () => {
  await using tab = await opened({ unread: 2 });
  const loop = tab.tidings.notifications();
  tab.service.peer.send(...[1, 2, 3, 4].map((n) => notification(`${n}`, `p${n}`)));
  await tab.happenings.has("got 4");
  assertEquals(tab.happenings.all.filter((one) => one.startsWith("missed")), ["missed unread"]); // 1 and 2
  assertEquals([(await loop.next()).value.id, (await loop.next()).value.id], ["3", "4"]);
  tab.service.peer.send(...[5, 6, 7].map((n) => notification(`${n}`, `p${n}`)));
  await tab.happenings.has("missed unread", 2);
});

Deno.test("A tab whose loop was left keeps nothing for it", async () => {
  await using tab = await opened({ unread: 1 });
  for (const id of ["a", "b"]) tab.service.peer.send(notification(id, id));
  for await (const one of tab.tidings.notifications()) if (one.id === "b") break;
  for (const id of ["c", "d", "e"]) tab.service.peer.send(notification(id, id));
  await tab.happenings.has("got e");
  assertEquals(tab.happenings.all.filter((one) => one.startsWith("missed")), []);
});

Deno.test("A tab that comes back as somebody else is closed, rather than show what is not meant for its user", async () => {
  const targets = ["alexander", "burr"];
  await using service = new StandIn(({ accept }, index) => accept({ target: targets[index] ?? "" }));
  await using tidings = connect(service.url, { token: () => "token" });
  const happenings = new Happenings(tidings);
  await happenings.has("open");
  service.peer.close(CLOSE.tokenExpired.code);
  await happenings.has("error final");
  assertEquals(tidings.status.target, "alexander");
  assert(/burr/.test(tidings.status.reason));
});

Deno.test("A tab that is closed by a listener gives nothing more, not even of the same frame", async () => {
  await using tab = await opened();
  tab.tidings.addEventListener("notification", () => void tab.tidings.close());
  tab.service.peer.send(notification("a", "p1"), notification("b", "p2"));
  await tab.happenings.has("closed");
  assertEquals(tab.happenings.all, ["open", "got a", "closed"]);
  const later: ConnectOptions = { after: tab.tidings.position };
  assertEquals(later, { after: "p1" });
});

Deno.test("A tab goes on when what shows a notification throws", async () => {
  const notify = Object.assign(
    function (): never {
      throw new TypeError("Illegal constructor");
    },
    { permission: "granted" },
  );
  Object.defineProperty(globalThis, "Notification", { value: notify, configurable: true });
  await using tab = await opened({ showNotification: () => ({ title: "Hello" }) });
  tab.service.peer.send(notification("a", "p1"));
  await tab.happenings.has("error");
  assertEquals(tab.happenings.all, ["open", "got a", "error"]);
  Reflect.deleteProperty(globalThis, "Notification");
});

Deno.test("A tab parses what came with a reviver", async () => {
  await using tab = await opened({
    reviver: (_, value, context) => typeof value === "number" ? `${context?.source} as written` : value,
  });
  tab.service.peer.send(notification("a", "p1", 1));
  await tab.happenings.has("got 1 as written");
});

Deno.test("A tab that gets what is no JSON connects anew", async () => {
  await using tab = await opened({
    reviver(_, value) {
      if (value === "bad") throw new SyntaxError("bad");
      return value;
    },
  });
  tab.service.peer.send(notification("a", "p1", "bad"));
  await tab.happenings.has("waiting");
  assertEquals(tab.tidings.status.reason, "bad");
  assertEquals(tab.tidings.position, "p0", "nothing of the frame was taken");
});
