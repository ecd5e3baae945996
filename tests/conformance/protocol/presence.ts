/** Rules PW: the webhook that is told which targets are online. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";
import { OPCODE } from "../client/frame.ts";
import { type Delivery, webhookSignature } from "../client/webhook_receiver.ts";

const LINGER_SECONDS = 6; // a target is offline when it has had no connection for five

/** The time of an event in milliseconds. */
function atOf({ body }: Delivery): number {
  return Date.parse((body.data as { at: string }).at);
}

export const PRESENCE: readonly Case[] = [
  {
    rule: "PW1",
    title: "A signed event tells when a target goes online, and when it goes offline",
    needs: ["presence"],
    seconds: LINGER_SECONDS,
    run: async (server) => {
      const target = server.name(), next = server.presence.listen(target), before = Date.now();
      const first = await server.tab(target), second = await server.tab(target);
      const online = await next();
      for (const { socket } of [first, second]) await socket.send(OPCODE.close);
      const closed = Date.now(), offline = await next();
      equal([online.body.type, offline.body.type], {
        is: ["target.online", "target.offline"],
        in: "the types",
      });
      for (const { headers, text, body } of [online, offline]) {
        equal(Object.keys(body).toSorted(), { is: ["data", "timestamp", "type"], in: "the members" });
        const id = headers.get("webhook-id") ?? "", timestamp = headers.get("webhook-timestamp") ?? "";
        const expected = await webhookSignature(
          { id, timestamp, text },
          server.settings.presence?.secret ?? "",
        );
        expect(
          (headers.get("webhook-signature") ?? "").split(" ").includes(expected),
          "no signature is right",
        );
        match(id, { is: /./, in: "webhook-id" });
      }
      expect(
        atOf(online) >= before - 1_000 && atOf(online) <= closed,
        "`at` is not when the first one opened",
      );
      expect(
        atOf(offline) >= atOf(online) && atOf(offline) <= closed + 4_000,
        "`at` is not when the last one ended",
      );
    },
  },
  {
    rule: "PW3",
    title: "The events of a target alternate, and none is sent before the one before was accepted",
    needs: ["presence"],
    seconds: LINGER_SECONDS,
    run: async (server) => {
      const target = server.name();
      // The first is refused until long after the target has gone.
      const refuse = (attempt: number) =>
        attempt === 1 ? new Response(null, { status: 503, headers: { "retry-after": "8" } }) : null;
      const next = server.presence.listen(target, refuse);
      await (await server.tab(target)).socket.send(OPCODE.close);
      const types = [(await next()).body.type, (await next()).body.type, (await next()).body.type];
      equal(types, { is: ["target.online", "target.online", "target.offline"], in: "the types" });
    },
  },
  {
    rule: "PW6",
    title: "After a failure, an event is repeated under its id and with the same body",
    needs: ["presence"],
    run: async (server) => {
      const target = server.name();
      const next = server.presence.listen(
        target,
        (attempt) => attempt === 1 ? new Response(null, { status: 500 }) : null,
      );
      await server.tab(target);
      const first = await next(), second = await next();
      equal(second.text, { is: first.text, in: "the body of the repeat" });
      equal(second.headers.get("webhook-id"), {
        is: first.headers.get("webhook-id"),
        in: "the id of the repeat",
      });
    },
  },
];
