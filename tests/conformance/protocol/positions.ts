/** Rules P: positions and resuming. */

import type { Case } from "../case.ts";
import { ascend, equal, expect, match, present } from "../client/expect.ts";

export const POSITIONS: readonly Case[] = [
  {
    rule: "P1",
    title: "A text that is no position is 400",
    run: async (server) => {
      const target = server.name();
      for (const after of ["0", "no", "../..", "x".repeat(300)]) {
        const path = `/v1/connect?after=${encodeURIComponent(after)}`;
        (await server.client(target, path)).isProblem(400, "bad-request");
      }
    },
  },
  {
    rule: "P2",
    title: "The text order of positions is their order",
    run: async (server) => {
      const positions: string[] = [];
      for (let n = 0; n < 120; n++) {
        positions.push((await server.accept({ target: server.name(), data: n, ttl: 60 })).position);
      }
      ascend(positions, "the positions");
    },
  },
  {
    rule: "P4",
    title:
      "A client that resumes receives what follows its position, in order and once, and then what is new",
    run: async (server) => {
      const target = server.name(), first = await server.tab(target);
      equal(first.welcome.recovered, { is: null, in: "`recovered` of a new client" });
      const { notifications } = await server.accept(
        Array.from({ length: 200 }, (_, data) => ({ target, data })),
      );
      for (const from of [0, 99, 199]) {
        const after = present(notifications[from]?.position, "a position");
        const tab = await server.tab(target, { after }), { welcome } = tab;
        equal([welcome.recovered, welcome.position], { is: [true, after], in: "`recovered` and `position`" });
        const expected = Array.from({ length: 199 - from }, (_, n) => from + 1 + n);
        equal(await tab.data(expected.length), { is: expected, in: `what follows notification ${from}` });
      }
      const again = await server.tab(target, { after: first.welcome.position });
      await server.accept({ target, data: "new" });
      equal((await again.data(201)).at(-1), { is: "new", in: "what comes last" });
    },
  },
  {
    rule: "P5",
    title: "If not everything is kept, `recovered` is false, and what is kept follows",
    needs: ["kept"],
    run: async (server) => {
      const target = server.name(), { welcome: { position: after } } = await server.tab(target);
      const count = (server.settings.kept ?? 0) + 10;
      for (let from = 0; from < count; from += 500) {
        const length = Math.min(500, count - from);
        await server.accept(Array.from({ length }, (_, n) => ({ target, data: from + n })));
      }
      const tab = await server.tab(target, { after });
      equal(tab.welcome.recovered, { is: false, in: "`recovered`" });
      const [oldest] = await tab.data(1);
      equal(oldest, { is: 10, in: "the oldest that is kept" });
      equal((await tab.data(count - 11)).at(-1), { is: count - 1, in: "the newest" });
    },
  },
  {
    rule: "P6",
    title: "After a position of another journal, or beyond the end, `recovered` is false",
    run: async (server) => {
      const target = server.name(), { position } = await server.accept({ target, data: 1 });
      const other = position.replace(/^./, (letter) => letter === "a" ? "b" : "a");
      const beyond = position.replace(/^([^-]+-)(.)/, "$1z");
      for (const after of [other, beyond]) {
        const { welcome } = await server.tab(target, { after });
        equal(welcome.recovered, { is: false, in: `\`recovered\` after ${after}` });
        expect(welcome.position !== after, "the stream starts at a position that does not exist");
      }
    },
  },
  {
    rule: "P7",
    title: "A client that resumes from before what is kept is told, also over Server-Sent Events",
    needs: ["kept"],
    run: async (server) => {
      const target = server.name(), { position } = await server.accept({ target, data: 0 });
      for (let left = (server.settings.kept ?? 0) + 2; left > 0; left -= 500) {
        await server.accept(Array.from({ length: Math.min(500, left) }, () => ({ target, data: 1 })));
      }
      equal((await server.events(target, { after: position })).welcome.recovered, {
        is: false,
        in: "`recovered`",
      });
    },
  },
  {
    rule: "P8",
    title: "What is gone by its own `ttl` or `topic` is no loss",
    run: async (server) => {
      const target = server.name(), { welcome: { position: after } } = await server.tab(target);
      await server.accept([
        { target, data: "old", topic: "t" },
        { target, data: "never kept", ttl: 0 },
        { target, data: "new", topic: "t" },
      ]);
      const tab = await server.tab(target, { after });
      equal(tab.welcome.recovered, { is: true, in: "`recovered`" });
      equal(await tab.data(1), { is: ["new"], in: "what follows" });
    },
  },
  {
    rule: "P10",
    title: "An ack over another connection than the notification came over is not counted",
    run: async (server) => {
      const target = server.name(), id = server.name(), tab = await server.tab(target);
      await server.accept({ target, data: 1, id });
      await tab.nextOf("notification");
      const other = await server.tab(target);
      await other.send([{ type: "ack", ids: [id] }, { type: "ping" }]);
      await other.nextOf("pong");
      equal((await server.publisher(`/v1/notifications/${id}`)).is(200).body.acked, { is: 0, in: "`acked`" });
    },
  },
  {
    rule: "P13",
    title: "A fresh stream starts just before the oldest that is kept, or at the head, without a loss",
    run: async (server) => {
      const target = server.name(), empty = await server.tab(target, { after: "earliest" });
      equal(empty.welcome.recovered, { is: null, in: "`recovered` with nothing kept" });
      const { notifications } = await server.accept([1, 2, 3].map((data) => ({ target, data })));
      equal(await empty.data(3), { is: [1, 2, 3], in: "what a stream from the head receives" });
      const fresh = await server.tab(target, { after: "earliest" });
      equal(fresh.welcome.recovered, { is: null, in: "`recovered`" });
      expect(fresh.welcome.position < (notifications[0]?.position ?? ""), "it starts after the oldest");
      equal(await fresh.data(3), { is: [1, 2, 3], in: "what follows" });
      match(fresh.welcome.position, { is: /./, in: "`position`" });
    },
  },
  {
    rule: "X4",
    title: "A close has a code of the table, and a reason of at most 123 bytes",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await server.publisher(`/v1/targets/${target}/connections`, { method: "DELETE" });
      const { closeFrame } = await tab.socket.end();
      equal(closeFrame?.code, { is: 4003, in: "the close code" });
      const bytes = new TextEncoder().encode(closeFrame?.reason).length;
      expect(bytes <= 123, `the reason has ${bytes} bytes`);
    },
  },
];
