/** Rules G: pushes, which the server sends to a push service of the suite. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";
import { PushService, type Subscription } from "../client/push_service.ts";
import type { TestedServer } from "../tested_server.ts";

/** A target with a device. Its pushes are answered with the statuses, one after the other. */
async function device(
  server: TestedServer,
  ...statuses: number[]
): Promise<{ target: string; service: PushService; subscription: Subscription }> {
  const service = server.use(new PushService()), target = server.name();
  const subscription = await service.subscription(...statuses);
  const answer = await server.client(target, "/v1/push/subscriptions", {
    method: "POST",
    body: subscription,
  });
  answer.is(201);
  return { target, service, subscription };
}

export const PUSHES: readonly Case[] = [
  {
    rule: "G1",
    title: "`push` is true or an object, not for everyone, and not after the end of the notification",
    needs: ["push"],
    run: async (server) => {
      const target = server.name();
      for (const push of [true, {}, { after: 0 }, { after: 60, title: "t", body: "b" }]) {
        await server.accept({ target, data: 1, push });
      }
      for (const push of [false, 1, { after: -1 }, { after: 1.5 }, { after: 86_401 }, { other: 1 }]) {
        (await server.notify({ target, data: 1, push })).isProblem(422, "does-not-fit");
      }
      (await server.notify({ everyone: true, data: 1, push: true })).isProblem(422, "does-not-fit");
      (await server.notify({ target, data: 1, ttl: 5, push: { after: 10 } })).isProblem(422, "does-not-fit");
    },
  },
  {
    rule: "G2",
    title: "An ack of the target, or a mark by which it has read, withdraws the push",
    needs: ["push"],
    run: async (server) => {
      const { target, service, subscription } = await device(server), tab = await server.tab(target);
      const push = { after: 1 };
      await server.accept({ target, data: "acked", push });
      const acked = await tab.nextOf("notification");
      await tab.send({ type: "ack", ids: [acked.id] });
      await server.accept({ target, data: "read", push });
      const read = await tab.nextOf("notification");
      await tab.send({ type: "read", positions: [read.position], ref: "r" });
      await tab.find(({ ref }) => ref === "r");
      const { id } = await server.accept({ target, data: "pushed", push: { after: 2 } });
      await service.received(subscription);
      await server.until(async () => await sentOf(server, id) > 0);
      equal(service.pushesTo(subscription).length, { is: 1, in: "the pushes" });
    },
  },
  {
    rule: "G3",
    title:
      "Otherwise each device of the target receives one push, encrypted (RFC 8291) and signed (RFC 8292)",
    needs: ["push"],
    run: async (server) => {
      const { target, service, subscription } = await device(server);
      const second = await service.subscription();
      (await server.client(target, "/v1/push/subscriptions", { method: "POST", body: second })).is(201);
      const { id } = await server.accept({ target, data: 1, push: { after: 0 } });
      for (const one of [subscription, second]) {
        const [push] = await service.received(one);
        equal(push?.headers.get("content-encoding"), { is: "aes128gcm", in: "Content-Encoding" });
        match(push?.headers.get("authorization"), { is: /^(vapid|WebPush) /, in: "Authorization" });
        match(push?.headers.get("ttl"), { is: /^\d+$/, in: "TTL" });
      }
      await server.until(async () => await sentOf(server, id) === 2);
      equal(service.pushesTo(second).length, { is: 1, in: "the pushes to a device" });
    },
  },
  {
    rule: "G4",
    title: "Nothing is pushed that a newer notification of its topic has retracted",
    needs: ["push"],
    run: async (server) => {
      const { target, service, subscription } = await device(server);
      await server.accept({ target, data: 1, topic: "t", push: { after: 1 } });
      await server.accept({ target, data: 2, topic: "t", ttl: 0 });
      const { id } = await server.accept({ target, data: 3, push: { after: 2 } });
      await server.until(async () => await sentOf(server, id) > 0);
      equal(service.pushesTo(subscription).length, { is: 1, in: "the pushes" });
    },
  },
  {
    rule: "G5",
    title: "A repeat does not push again",
    needs: ["push"],
    run: async (server) => {
      const { target, service, subscription } = await device(server);
      const body = { target, data: 1, id: server.name(), push: { after: 0 } };
      await server.accept(body);
      await service.received(subscription);
      await server.accept(body);
      const { id } = await server.accept({ target, data: 2, push: { after: 0 } });
      await server.until(async () => await sentOf(server, id) > 0);
      equal(service.pushesTo(subscription).length, { is: 2, in: "the pushes" });
    },
  },
  {
    rule: "G6",
    title: "A device that is gone is forgotten, and one that fails is tried again",
    needs: ["push"],
    seconds: 6,
    run: async (server) => {
      const gone = await device(server, 410), failing = await device(server, 500);
      for (const { target } of [gone, failing]) await server.accept({ target, data: 1, push: { after: 0 } });
      await gone.service.received(gone.subscription);
      const count = async () =>
        (await server.publisher(`/v1/targets/${gone.target}/push`)).body.subscriptions;
      await server.until(async () => await count() === 0);
      await failing.service.received(failing.subscription, 2);
    },
  },
  {
    rule: "G8",
    title: "A notification with `push` reaches browsers with `push: true`",
    needs: ["push"],
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      await server.accept({ target, data: 1, push: { after: 60 } });
      equal((await tab.nextOf("notification")).push, { is: true, in: "`push`" });
      const { body } = (await server.client(target, "/v1/inbox")).is(200);
      equal(body.notifications[0]?.push, { is: true, in: "`push` in the inbox" });
    },
  },
  {
    rule: "G9",
    title: "The report has when the push was due, and to how many devices it was sent",
    needs: ["push"],
    run: async (server) => {
      const { target } = await device(server), before = Date.now();
      const { id } = await server.accept({ target, data: 1, push: { after: 0 } });
      await server.until(async () => await sentOf(server, id) > 0);
      const { push } = (await server.publisher(`/v1/notifications/${id}`)).body;
      expect(typeof push === "object" && push !== null, "`push` is no object");
      equal([push.sent, push.gone], { is: [1, 0], in: "`sent` and `gone`" });
      expect(Math.abs(Date.parse(push.due_at) - before) < 60_000, `it was due at ${push.due_at}`);
    },
  },
];

/** To how many devices a push was sent, by the report. */
async function sentOf(server: TestedServer, id: string): Promise<number> {
  const { push } = (await server.publisher(`/v1/notifications/${id}`)).is(200).body;
  return typeof push === "object" && push !== null ? push.sent : 0;
}
