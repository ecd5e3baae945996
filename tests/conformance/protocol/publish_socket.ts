/** Rules W: publishing over a WebSocket. */

import type { Case } from "../case.ts";
import { Answer, checkProblem } from "../client/answer.ts";
import { ascend, equal, expect, present } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import { MessageQueue } from "../client/message_queue.ts";
import type { RawWebSocket } from "../client/raw_websocket.ts";
import { base64url } from "../client/token.ts";
import type { TestedServer } from "../tested_server.ts";

/** Opens a publisher's socket, and takes its welcome. */
async function publisherSocket(server: TestedServer): Promise<{ socket: RawWebSocket; queue: MessageQueue }> {
  const socket = await server.socket("/v1/publish", { headers: server.publisherHeaders });
  const queue = new MessageQueue(() => socket.messages());
  await queue.nextOf("welcome");
  return { socket, queue };
}

export const PUBLISH_SOCKET: readonly Case[] = [
  {
    rule: "W1",
    title: "The key is a header or a subprotocol, and the header counts if there are both",
    needs: ["keys"],
    run: async (server) => {
      const protocol = (key: string) => ({
        "sec-websocket-protocol": `tidings.publish.v1, tidings.key.${base64url(key)}`,
      });
      const right = server.settings.key ?? "";
      await server.socket("/v1/publish", { headers: protocol(right) });
      await server.socket("/v1/publish", { headers: { ...server.publisherHeaders, ...protocol("wrong") } });
      for (const headers of [protocol("wrong"), { authorization: "Bearer wrong", ...protocol(right) }]) {
        const answer = await server.upgrade("/v1/publish", { headers });
        expect(answer instanceof Answer, "a wrong key was accepted");
        answer.isProblem(401, "not-authorized");
      }
    },
  },
  {
    rule: "W2",
    title: "The server refuses in its order: 403, 401, 400, 426",
    needs: ["keys"],
    run: async (server) => {
      const ask = async (headers: Record<string, string>) => await server.request("/v1/publish", { headers });
      const foreign = { origin: "https://foreign.example" },
        protocols = { "sec-websocket-protocol": "other" };
      (await ask({ ...foreign, ...protocols })).isProblem(403, "origin-not-allowed");
      (await ask(protocols)).isProblem(401, "not-authorized");
      (await ask({ ...server.publisherHeaders, ...protocols })).isProblem(400, "bad-request");
      (await ask(server.publisherHeaders)).isProblem(426, "upgrade-required");
    },
  },
  {
    rule: "W3",
    title: "Of subprotocols, tidings.publish.v1 is chosen, and the key is never echoed",
    run: async (server) => {
      const headers = { ...server.publisherHeaders, "sec-websocket-protocol": "a, tidings.publish.v1" };
      const { handshake } = await server.socket("/v1/publish", { headers });
      equal(handshake.header("sec-websocket-protocol"), { is: "tidings.publish.v1", in: "the subprotocol" });
      const bad = { ...server.publisherHeaders, "sec-websocket-protocol": "tidings.v1" };
      const refused = await server.upgrade("/v1/publish", { headers: bad });
      expect(
        refused instanceof Answer && refused.status === 400,
        "a socket without tidings.publish.v1 was accepted",
      );
    },
  },
  {
    rule: "W4",
    title: "The first frame is the welcome with the limits, alone",
    run: async (server) => {
      const socket = await server.socket("/v1/publish", { headers: server.publisherHeaders });
      const messages = await socket.messages();
      equal(messages.map(({ type }) => type), { is: ["welcome"], in: "the first frame" });
      const { notifications, bytes } = present(messages[0]?.limits, "`limits`");
      expect(notifications > 0 && bytes > 0, "the limits are no positive numbers");
    },
  },
  {
    rule: "W5",
    title: "A frame is answered as a request would be",
    run: async (server) => {
      const { socket, queue } = await publisherSocket(server);
      const target = server.name(), id = server.name();
      await socket.sendJson({ target, data: 1, id });
      const one = await queue.next();
      equal(Object.keys(one).toSorted(), { is: ["expires", "id", "position"], in: "the answer to one" });
      await socket.sendJson([{ target, data: 2 }, { target, data: 3 }]);
      equal((await queue.next()).notifications.length, { is: 2, in: "the answers to an array" });
      await socket.sendJson({ target, data: 4, id });
      checkProblem(await queue.next(), { status: 422, kind: "id-conflict" });
    },
  },
  {
    rule: "W6",
    title: "Frames are accepted and answered in the order in which they came",
    run: async (server) => {
      const { socket, queue } = await publisherSocket(server);
      const target = server.name(), tab = await server.tab(target);
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      for (const n of numbers) {
        await socket.sendText(
          n % 10 === 5 ? "no JSON" : JSON.stringify({ target, data: n, id: `${target}-${n}` }),
        );
      }
      const positions: string[] = [];
      for (const n of numbers) {
        const answer = await queue.next();
        if (n % 10 === 5) equal(answer.status, { is: 400, in: `the answer to frame ${n}` });
        else equal(answer.id, { is: `${target}-${n}`, in: `the answer to frame ${n}` });
        if (n % 10 !== 5) positions.push(answer.position);
      }
      ascend(positions, "the positions");
      equal(await tab.data(45), {
        is: numbers.filter((n) => n % 10 !== 5),
        in: "what a connection receives",
      });
    },
  },
  {
    rule: "W7",
    title: "More bytes than may be unanswered end the connection with 4102, and are not taken",
    run: async (server) => {
      const socket = await server.socket("/v1/publish", { headers: server.publisherHeaders });
      const [welcome] = await socket.messages();
      const target = server.name(), text = JSON.stringify({ target, data: 1 });
      await socket.sendText(text.padEnd((welcome?.limits.bytes ?? 0) + 1));
      equal(await socket.closeCode(), { is: 4102, in: "the close code" });
      const { body } = await server.publisher(`/v1/targets/${target}/notifications`);
      equal(body.notifications, { is: [], in: "what is kept" });
    },
  },
  {
    rule: "W8",
    title: "A binary frame ends the connection with 4004, and a bad one does not",
    run: async (server) => {
      const { socket, queue } = await publisherSocket(server);
      await socket.sendText("{");
      checkProblem(await queue.next(), { status: 400, kind: "not-json" });
      await socket.sendJson({ data: 1 });
      checkProblem(await queue.next(), { status: 422, kind: "does-not-fit" });
      await socket.send(OPCODE.binary, { payload: "{}" });
      equal(await socket.closeCode(), { is: 4004, in: "the close code" });
    },
  },
  {
    rule: "W11",
    title: "What is repeated with its id over another connection is delivered once",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const frame = { target, data: "once", id: server.name() };
      const answers: unknown[] = [];
      for (let times = 0; times < 2; times++) {
        const { socket, queue } = await publisherSocket(server);
        await socket.sendJson(frame);
        answers.push(await queue.next());
      }
      equal(answers[1], { is: answers[0], in: "the second answer" });
      await server.accept({ target, data: "end" });
      equal(await tab.data(2), { is: ["once", "end"], in: "what is delivered" });
    },
  },
];
