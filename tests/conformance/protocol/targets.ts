/** Rules T: what publishers learn of targets, and do with them. */

import type { Case } from "../case.ts";
import { equal, expect } from "../client/expect.ts";

export const TARGETS: readonly Case[] = [
  {
    rule: "T1",
    title: "A target in a path is percent-encoded UTF-8, and anything else is 400",
    run: async (server) => {
      const target = `${server.name()} /?ü%41`;
      const { body } = (await server.publisher(`/v1/targets/${encodeURIComponent(target)}`)).is(200);
      equal(body.target, { is: target, in: "`target`" });
      for (const bad of ["%ff", "%zz", "%C0%80", "a%00", "x".repeat(257)]) {
        (await server.publisher(`/v1/targets/${bad}`)).isProblem(400, "bad-request");
      }
    },
  },
  {
    rule: "T2",
    title: "The connections of a target are listed with their transports",
    run: async (server) => {
      const target = server.name();
      const tab = await server.tab(target), stream = await server.events(target);
      const { connections, last_seen } = (await server.publisher(`/v1/targets/${target}`)).is(200).body;
      expect(Math.abs(Date.parse(`${last_seen}`) - Date.now()) < 60_000, "`last_seen` is not now");
      const expected = { [tab.welcome.connection]: "websocket", [stream.welcome.connection]: "sse" };
      equal(Object.fromEntries(connections.map(({ id, transport }) => [id, transport])), {
        is: expected,
        in: "the connections",
      });
      equal(Object.keys(connections[0] ?? {}).toSorted(), {
        is: ["behind", "connected_at", "id", "node", "transport"],
        in: "the members of a connection",
      });
    },
  },
  {
    rule: "T3",
    title: "No target is unknown",
    run: async (server) => {
      const target = server.name();
      equal((await server.publisher(`/v1/targets/${target}`)).is(200).body, {
        is: { target, connections: [], last_seen: null },
        in: "the answer",
      });
    },
  },
  {
    rule: "T5",
    title: "DELETE closes the connections of the target with 4003, and no others",
    run: async (server) => {
      const target = server.name();
      const tabs = [await server.tab(target), await server.tab(target)],
        other = await server.tab(server.name());
      const answer = await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
      equal(answer.is(200).body, { is: { closed: 2 }, in: "the answer" });
      for (const { socket } of tabs) equal(await socket.closeCode(), { is: 4003, in: "the close code" });
      await other.send({ type: "ping" });
      await other.nextOf("pong");
    },
  },
  {
    rule: "T6",
    title: "Before it closes a connection, the server sends what was accepted before",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await server.accept(Array.from({ length: 200 }, (_, data) => ({ target, data })));
      await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
      equal((await tab.data(200)).at(-1), { is: 199, in: "the last that comes" });
      equal(await tab.socket.closeCode(), { is: 4003, in: "the close code" });
    },
  },
  {
    rule: "T7",
    title: "The token of a closed connection can connect again",
    run: async (server) => {
      const target = server.name(), { headers, query } = await server.credential(target);
      const open = async () => await server.socket("/v1/connect", { headers, query });
      const socket = await open();
      await socket.messages();
      await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
      await socket.closeCode();
      await (await open()).messages();
    },
  },
  {
    rule: "T8",
    title: "The kept notifications are listed as clients receive them, the oldest first, with `read`",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const { notifications } = await server.accept(
        [1, 2].map((data) => ({ target, data, topic: `t${data}` })),
      );
      const received = [await tab.nextOf("notification"), await tab.nextOf("notification")];
      const positions = [notifications[0]?.position];
      await server.publisher(`/v1/targets/${target}/read`, { method: "POST", body: { positions } });
      const { body } = (await server.publisher(`/v1/targets/${target}/notifications`)).is(200);
      equal(body.notifications, {
        is: received.map((one, at) => ({ ...one, read: at === 0 })),
        in: "the notifications",
      });
      equal([body.target, body.unread, body.more], {
        is: [target, 1, false],
        in: "`target`, `unread` and `more`",
      });
    },
  },
  {
    rule: "T9",
    title: "The pages have each notification once, from the oldest",
    run: async (server) => {
      const target = server.name(), numbers = Array.from({ length: 500 }, (_, data) => data);
      await server.accept(numbers.map((data) => ({ target, data: { data, padding: "x".repeat(900) } })));
      const all: unknown[] = [];
      for (let after = "earliest", more = true; more;) {
        const path = `/v1/targets/${target}/notifications?after=${after}`;
        const { body } = (await server.publisher(path)).is(200);
        all.push(...body.notifications.map(({ data }) => (data as { data: number }).data));
        ({ more, next: after } = body);
      }
      equal(all, { is: numbers, in: "all pages" });
      (await server.publisher(`/v1/targets/${target}/notifications?after=no`)).isProblem(400, "bad-request");
    },
  },
  {
    rule: "T10",
    title: "A publisher marks as a client does, and all connections receive the mark",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const { notifications } = await server.accept([1, 2, 3].map((data) => ({ target, data })));
      const through = notifications[1]?.position;
      const answer = await server.publisher(`/v1/targets/${target}/read`, {
        method: "POST",
        body: { through },
      });
      const { body } = answer.is(200);
      equal([body.target, body.unread, body.through], { is: [target, 1, through], in: "the answer" });
      const mark = await tab.find(({ type }) => type === "read");
      equal([mark.through, mark.position], { is: [through, body.position], in: "the mark" });
    },
  },
  {
    rule: "T11",
    title: "The body of a mark is limited to 64 KiB",
    run: async (server) => {
      const path = `/v1/targets/${server.name()}/read`;
      const body = JSON.stringify({ positions: [] }).padEnd(65_537);
      (await server.publisher(path, { method: "POST", body })).isProblem(413, "too-large");
      (await server.publisher(path, { method: "POST", body: { positions: [] } })).isProblem(
        422,
        "does-not-fit",
      );
    },
  },
  {
    rule: "T12",
    title: "The connected targets are listed in order, with their connections and transports",
    run: async (server) => {
      const name = server.name(), first = `${name}-1`, second = `${name}-2`;
      for (const target of [second, first, first]) await server.tab(target);
      await server.events(first);
      const { body } = (await server.publisher(`/v1/targets?after=${name}&limit=2`)).is(200);
      const lines = body.targets.map(({ target, connections, transports }) => ({
        target,
        connections,
        transports,
      }));
      equal(lines, {
        is: [
          { target: first, connections: 3, transports: { websocket: 2, sse: 1 } },
          { target: second, connections: 1, transports: { websocket: 1, sse: 0 } },
        ],
        in: "the targets",
      });
      for (const limit of ["0", "1001", "x"]) {
        (await server.publisher(`/v1/targets?limit=${limit}`)).isProblem(400, "bad-request");
      }
    },
  },
  {
    rule: "T13",
    title: "The pages have each connected target once",
    run: async (server) => {
      const name = server.name(), targets = [1, 2, 3, 4, 5].map((n) => `${name}-${n}`);
      for (const target of targets) await server.tab(target);
      const listed: unknown[] = [];
      for (let after: string | null = name; after !== null && listed.length < targets.length;) {
        const path: string = `/v1/targets?after=${encodeURIComponent(after)}&limit=2`;
        const { body } = (await server.publisher(path)).is(200);
        listed.push(...body.targets.map(({ target }) => target));
        after = body.next;
      }
      equal(listed.slice(0, targets.length), { is: targets, in: "all pages" });
    },
  },
];
