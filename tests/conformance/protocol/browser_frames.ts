/** Rules B: what clients send over a connection. */

import type { Case } from "../case.ts";
import { checkProblem } from "../client/answer.ts";
import { equal, fail } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import type { Tab } from "../client/tab.ts";

const PING = { type: "ping" };

/** Sends a frame, and fails unless it is refused as not fitting, and the connection goes on. */
async function refuse(tab: Tab, frame: unknown): Promise<void> {
  await tab.send(frame);
  checkProblem((await tab.nextOf("error")).problem, { status: 422, kind: "does-not-fit" });
}

/** Sends a frame with a ping at its end, and fails unless all of it is taken. */
async function take(tab: Tab, messages: readonly unknown[]): Promise<void> {
  await tab.send([...messages, PING]);
  await tab.nextOf("pong");
}

/** Arrays within arrays. */
function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

export const BROWSER_FRAMES: readonly Case[] = [
  {
    rule: "B1",
    title: "A frame is one message, or an array of 1 to 250",
    run: async (server) => {
      const tab = await server.tab(server.name());
      await tab.send(PING);
      await tab.nextOf("pong");
      await take(tab, Array(249).fill({ type: "ack", ids: ["x"] }));
      for (const frame of [[], Array(251).fill({ type: "ack", ids: ["x"] }), null, 1]) {
        await refuse(tab, frame);
      }
    },
  },
  {
    rule: "B2",
    title: "An ack has 1 to 1,000 ids",
    run: async (server) => {
      const tab = await server.tab(server.name());
      const ids = Array.from({ length: 1_001 }, (_, n) => `id-${n}`);
      await take(tab, [{ type: "ack", ids: ids.slice(1) }]);
      for (const some of [[], ids, [1], "id"]) await refuse(tab, { type: "ack", ids: some });
    },
  },
  {
    rule: "B3",
    title: "A message has any data, nested at most 100 deep",
    run: async (server) => {
      const tab = await server.tab(server.name());
      for (const data of ["null", "0", '"x"', nested(100)]) {
        await tab.socket.sendText(`[{"type":"message","data":${data}},{"type":"ping"}]`);
        await tab.nextOf("pong");
      }
      await tab.socket.sendText(`{"type":"message","data":${nested(101)}}`);
      checkProblem((await tab.nextOf("error")).problem, { status: 422, kind: "does-not-fit" });
      await refuse(tab, { type: "message" });
    },
  },
  {
    rule: "B4",
    title: "Nothing is taken of a frame of which a part is bad, and the connection is kept",
    run: async (server) => {
      const target = server.name(), id = server.name(), tab = await server.tab(target);
      await server.accept({ target, data: 1, id });
      await tab.nextOf("notification");
      await refuse(tab, [{ type: "ack", ids: [id] }, { type: "shout" }]);
      await refuse(tab, { type: "ping", more: 1 });
      await take(tab, []);
      equal((await server.publisher(`/v1/notifications/${id}`)).body.acked, { is: 0, in: "`acked`" });
    },
  },
  {
    rule: "B5",
    title: "A frame of 64 KiB of UTF-8 is taken",
    run: async (server) => {
      const tab = await server.tab(server.name());
      await tab.socket.sendText(JSON.stringify(PING).padEnd(65_536));
      await tab.nextOf("pong");
    },
  },
  {
    rule: "B5",
    title: "A larger frame ends the connection with 1009, also one that is larger only in UTF-8",
    run: async (server) => {
      for (const text of [JSON.stringify(PING).padEnd(65_537), JSON.stringify("ü".repeat(32_768))]) {
        const { socket } = await server.tab(server.name());
        await socket.sendText(text);
        equal(await socket.closeCode(), { is: 1009, in: "the close code" });
      }
    },
  },
  {
    rule: "B5",
    title: "A larger message in fragments ends the connection with 1009, and a binary frame with 4004",
    run: async (server) => {
      const { socket } = await server.tab(server.name());
      await socket.send(OPCODE.text, { payload: "[", fin: false });
      for (let n = 0; n < 5; n++) {
        await socket.send(OPCODE.continuation, { payload: " ".repeat(16_384), fin: false });
      }
      await socket.send(OPCODE.continuation, { payload: "]" });
      equal(await socket.closeCode(), { is: 1009, in: "the close code" });
      const other = (await server.tab(server.name())).socket;
      await other.send(OPCODE.binary, { payload: JSON.stringify(PING) });
      equal(await other.closeCode(), { is: 4004, in: "the close code after a binary frame" });
    },
  },
  {
    rule: "B6",
    title: "50 frames at once are taken, and a flood ends the connection with 4101",
    run: async (server) => {
      const tab = await server.tab(server.name());
      for (let sent = 0; sent < 50; sent++) await tab.send(PING);
      for (let answered = 0; answered < 50; answered++) await tab.nextOf("pong");
      // Each further frame waits for the answer to the one before, because none may follow the close frame.
      for (let sent = 0; sent < 500; sent++) {
        await tab.send(PING);
        const frame = await tab.socket.receiveMessage() ?? fail("the connection ended without a close frame");
        if (frame.opcode === OPCODE.text) continue;
        const [high = 0, low = 0] = frame.payload;
        return equal(high * 256 + low, { is: 4101, in: "the close code" });
      }
      fail("550 frames were taken at once");
    },
  },
  {
    rule: "B6",
    title: "250 messages at once are taken, and more are refused with 429, also by a post",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const message = { type: "message", data: "conformance" };
      await take(tab, Array(200).fill(message));
      await tab.send(Array(250).fill(message));
      checkProblem((await tab.nextOf("error")).problem, { status: 429, kind: "too-many-requests" });
      const body = { connection: tab.welcome.connection, messages: Array(250).fill(message) };
      const posted = await server.client(target, "/v1/received", { method: "POST", body });
      posted.isProblem(429, "too-many-requests");
    },
  },
  {
    rule: "B9",
    title: "Each message is posted to the application's webhook",
    needs: ["webhook"],
    run: async (server) => {
      const target = server.name(), next = server.application.listen(target), tab = await server.tab(target);
      await tab.send([{ type: "message", data: { a: 1 } }, { type: "ack", ids: ["x"] }]);
      await tab.send({ type: "message", data: null });
      const posted = [(await next()).body.data, (await next()).body.data] as { data: unknown }[];
      equal(posted.map(({ data }) => data).toSorted(), {
        is: [{ a: 1 }, null].toSorted(),
        in: "the data of the posts",
      });
    },
  },
  {
    rule: "B11",
    title: "A ping is answered when everything up to it is taken, and not if the frame is refused",
    run: async (server) => {
      const tab = await server.tab(server.name());
      await tab.send([{ type: "shout" }, PING]);
      await tab.nextOf("error");
      await take(tab, [{ type: "message", data: "conformance" }]);
      await tab.send({ type: "read", positions: ["no"], ref: "r" });
      equal((await tab.next()).type, { is: "error", in: "what follows the one pong" });
    },
  },
];
