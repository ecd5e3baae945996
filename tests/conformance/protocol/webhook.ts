/** Rules M: the webhook that receives the messages of browsers. */

import type { Case } from "../case.ts";
import { equal, expect, match, present } from "../client/expect.ts";
import { webhookSignature } from "../client/webhook_receiver.ts";

export const WEBHOOK: readonly Case[] = [
  {
    rule: "M1",
    title: "Each message is posted in a request of its own, with its target, its connection and its data",
    needs: ["webhook"],
    run: async (server) => {
      const target = server.name(), next = server.application.listen(target), tab = await server.tab(target);
      await tab.send([{ type: "message", data: 1 }, { type: "message", data: [2] }]);
      const deliveries = [await next(), await next()];
      for (const { body, headers } of deliveries) {
        equal(Object.keys(body).toSorted(), { is: ["data", "timestamp", "type"], in: "the members" });
        equal(body.type, { is: "message.received", in: "`type`" });
        match(body.timestamp, { is: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, in: "`timestamp`" });
        match(headers.get("content-type"), { is: /^application\/json/, in: "Content-Type" });
        const data = body.data as { target: string; connection: string };
        equal([data.target, data.connection], { is: [target, tab.welcome.connection], in: "the sender" });
      }
      const sent = deliveries.map(({ body }) => JSON.stringify((body.data as { data: unknown }).data));
      equal(sent.toSorted(), { is: ["1", "[2]"], in: "the data" });
    },
  },
  {
    rule: "M2",
    title: "The signature is an HMAC-SHA256 over id, timestamp and body",
    needs: ["webhook"],
    run: async (server) => {
      const target = server.name(), next = server.application.listen(target), tab = await server.tab(target);
      await tab.send({ type: "message", data: "ü" });
      const { headers, text } = await next();
      const id = present(headers.get("webhook-id"), "webhook-id");
      const timestamp = present(headers.get("webhook-timestamp"), "webhook-timestamp");
      const expected = await webhookSignature({ id, timestamp, text }, server.settings.webhook?.secret ?? "");
      const signatures = (headers.get("webhook-signature") ?? "").split(" ");
      expect(signatures.includes(expected), "webhook-signature has no right signature");
      expect(Math.abs(Number(timestamp) - Date.now() / 1000) < 60, "webhook-timestamp is not now");
    },
  },
  {
    rule: "M3",
    title: "Any 2xx is a success, and a redirect is a failure",
    needs: ["webhook"],
    run: async (server) => {
      const target = server.name();
      const answers = [Response.redirect("http://127.0.0.1:9/", 307), new Response(null, { status: 202 })];
      const next = server.application.listen(
        target,
        () => answers.shift() ?? new Response(null, { status: 500 }),
      );
      const tab = await server.tab(target);
      await tab.send({ type: "message", data: 1 });
      const [first, second] = [await next(), await next()];
      equal(second.headers.get("webhook-id"), {
        is: first.headers.get("webhook-id"),
        in: "the id of the repeat",
      });
      equal(answers.length, { is: 0, in: "the answers that are left" });
    },
  },
  {
    rule: "M4",
    title: "After a failure, the message is repeated under its id, signed anew, and not before Retry-After",
    needs: ["webhook"],
    run: async (server) => {
      const target = server.name(), { secret = "" } = server.settings.webhook ?? {};
      const next = server.application.listen(
        target,
        (attempt) =>
          attempt === 1 ? new Response(null, { status: 503, headers: { "retry-after": "2" } }) : null,
      );
      await (await server.tab(target)).send({ type: "message", data: 1 });
      const [first, second] = [await next(), await next()];
      expect(second.at - first.at >= 1_900, `it was repeated after ${second.at - first.at} ms`);
      const id = present(first.headers.get("webhook-id"), "webhook-id");
      equal(second.headers.get("webhook-id"), { is: id, in: "the id of the repeat" });
      const timestamp = second.headers.get("webhook-timestamp") ?? "";
      expect(
        timestamp > (first.headers.get("webhook-timestamp") ?? ""),
        "the repeat has the time of the first",
      );
      const signature = await webhookSignature({ id, timestamp, text: second.text }, secret);
      expect(
        (second.headers.get("webhook-signature") ?? "").split(" ").includes(signature),
        "the repeat is not signed",
      );
    },
  },
  {
    rule: "M6",
    title: "A message that waits for its repeat does not delay those of others",
    needs: ["webhook"],
    run: async (server) => {
      const [stuck, other] = [server.name(), server.name()];
      const refuse = (attempt: number) =>
        attempt === 1 ? new Response(null, { status: 500, headers: { "retry-after": "2" } }) : null;
      const nextOfStuck = server.application.listen(stuck, refuse), next = server.application.listen(other);
      await (await server.tab(stuck)).send({ type: "message", data: 1 });
      const { at } = await nextOfStuck();
      await (await server.tab(other)).send({ type: "message", data: 2 });
      expect((await next()).at - at < 1_900, "it was posted only when the other was repeated");
      await nextOfStuck();
    },
  },
];
