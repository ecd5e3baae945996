/** Rules D: how browsers subscribe to Web Push. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import { equal, expect, match } from "../client/expect.ts";
import { PushService } from "../client/push_service.ts";
import { base64url } from "../client/token.ts";
import type { TestedServer } from "../tested_server.ts";

const PATH = "/v1/push/subscriptions";

async function subscribe(
  server: TestedServer,
  { target, body }: { target: string; body: unknown },
): Promise<Answer> {
  return await server.client(target, PATH, { method: "POST", body });
}

async function countOf(server: TestedServer, target: string): Promise<number> {
  return (await server.publisher(`/v1/targets/${target}/push`)).is(200).body.subscriptions;
}

export const PUSH_SUBSCRIPTIONS: readonly Case[] = [
  {
    rule: "D1",
    title: "Everyone may read the public key, which is always the same uncompressed point of P-256",
    needs: ["push"],
    run: async (server) => {
      const { key } = (await server.request("/v1/push/key")).is(200).body;
      const bytes = Uint8Array.fromBase64(key, { alphabet: "base64url" });
      await crypto.subtle.importKey("raw", bytes, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
      equal((await server.request("/v1/push/key")).body.key, { is: key, in: "the key of a second request" });
    },
  },
  {
    rule: "D2",
    title: "Without Web Push, its routes answer 501, a push is 422, and `detail` names the variables",
    needs: ["no push"],
    run: async (server) => {
      const asked = await server.request("/v1/push/key");
      // A server with keys may have Web Push, and then a key.
      if (asked.status === 200) return match(asked.body.key, { is: /^[\w-]{87}$/, in: "`key`" });
      match(asked.isProblem(501, "not-here").detail, { is: /[A-Z]+_[A-Z_]+/, in: "`detail`" });
      (await subscribe(server, { target: server.name(), body: {} })).isProblem(501, "not-here");
      const { detail } = (await server.notify({ target: server.name(), data: 1, push: true }))
        .isProblem(422, "does-not-fit");
      match(detail, { is: /[A-Z]+_[A-Z_]+/, in: "`detail` of a push" });
    },
  },
  {
    rule: "D3",
    title:
      "A subscription is answered with 201 and its id, belongs to the caller's target, and has at most 8 KiB",
    needs: ["push"],
    run: async (server) => {
      const service = server.use(new PushService()),
        target = server.name(),
        body = await service.subscription();
      match((await subscribe(server, { target, body })).is(201).body.id, { is: /./, in: "`id`" });
      equal(await countOf(server, target), { is: 1, in: "the subscriptions" });
      const large = JSON.stringify(body).padEnd(8_193);
      (await subscribe(server, { target, body: large })).isProblem(413, "too-large");
      (await subscribe(server, { target, body: { ...body, other: 1 } })).isProblem(422, "does-not-fit");
    },
  },
  {
    rule: "D4",
    title: "Only endpoints at known push services are accepted",
    needs: ["push"],
    run: async (server) => {
      const { keys } = await server.use(new PushService()).subscription(), target = server.name();
      for (
        const endpoint of [
          "https://push.example.com/x",
          "http://fcm.googleapis.com/x",
          "https://user@fcm.googleapis.com/x",
          "https://fcm.googleapis.com.example/x",
          "https://192.0.2.1/x",
          "http://169.254.169.254/latest",
          new URL("/v1/notify", server.settings.url).href,
          "no URL",
        ]
      ) {
        (await subscribe(server, { target, body: { endpoint, keys } })).isProblem(422, "does-not-fit");
      }
      for (
        const host of [
          "fcm.googleapis.com",
          "updates.push.services.mozilla.com",
          "wns2-par02p.notify.windows.com",
          "web.push.apple.com",
        ]
      ) {
        (await subscribe(server, { target, body: { endpoint: `https://${host}/${target}`, keys } })).is(
          201,
          host,
        );
      }
    },
  },
  {
    rule: "D5",
    title: "`p256dh` is a point of P-256, and `auth` has 16 bytes",
    needs: ["push"],
    run: async (server) => {
      const { endpoint, keys } = await server.use(new PushService()).subscription(), target = server.name();
      const noPoint = base64url(new Uint8Array(65).fill(4)), short = base64url(new Uint8Array(15));
      for (
        const bad of [{ ...keys, p256dh: noPoint }, { ...keys, auth: short }, {
          ...keys,
          auth: `${keys.auth}==`,
        }]
      ) {
        const { errors } = (await subscribe(server, { target, body: { endpoint, keys: bad } }))
          .isProblem(422, "does-not-fit");
        expect(errors.some(({ path }) => /p256dh|auth/.test(path)), "no error names the field");
      }
    },
  },
  {
    rule: "D6",
    title: "An endpoint belongs to the target that posted it last, and a target has at most ten",
    needs: ["push"],
    run: async (server) => {
      const service = server.use(new PushService()), [a, b] = [server.name(), server.name()];
      const body = await service.subscription();
      for (const target of [a, b]) (await subscribe(server, { target, body })).is(201);
      equal([await countOf(server, a), await countOf(server, b)], {
        is: [0, 1],
        in: "the subscriptions of both",
      });
      for (let n = 0; n < 12; n++) {
        (await subscribe(server, { target: a, body: await service.subscription() })).is(201);
      }
      equal(await countOf(server, a), { is: 10, in: "the subscriptions after twelve" });
    },
  },
  {
    rule: "D7",
    title: "DELETE removes a subscription of the caller's target, and of no other",
    needs: ["push"],
    run: async (server) => {
      const target = server.name(), body = await server.use(new PushService()).subscription();
      const { id } = (await subscribe(server, { target, body })).is(201).body;
      const remove = async (caller: string) =>
        await server.client(caller, `${PATH}/${id}`, { method: "DELETE" });
      (await remove(server.name())).isProblem(404, "not-found");
      (await remove(target)).is(204);
      (await remove(target)).isProblem(404, "not-found");
    },
  },
  {
    rule: "D8",
    title: "A worker that knows endpoint and secret replaces a subscription without a token",
    needs: ["push"],
    run: async (server) => {
      const service = server.use(new PushService()), target = server.name();
      const body = await service.subscription(), subscription = await service.subscription();
      (await subscribe(server, { target, body })).is(201);
      const renew = async (auth: string, headers: Record<string, string> = {}) =>
        await server.request(`${PATH}/renew`, {
          method: "POST",
          body: { old: { endpoint: body.endpoint, auth }, subscription },
          headers,
        });
      (await renew(base64url(new Uint8Array(16)))).isProblem(404, "not-found");
      (await renew(body.keys.auth, { origin: "https://foreign.example" })).isProblem(
        403,
        "origin-not-allowed",
      );
      match((await renew(body.keys.auth)).is(200).body.id, { is: /./, in: "`id`" });
      equal(await countOf(server, target), { is: 1, in: "the subscriptions" });
      await server.accept({ target, data: 1, push: { after: 0 } });
      await service.received(subscription);
    },
  },
  {
    rule: "D10",
    title: "Publishers see the numbers of subscriptions, and no endpoint and no key",
    needs: ["push"],
    run: async (server) => {
      const target = server.name(), body = await server.use(new PushService()).subscription();
      (await subscribe(server, { target, body })).is(201);
      const answer = (await server.publisher(`/v1/targets/${target}/push`)).is(200);
      const { host } = new URL(body.endpoint);
      equal(answer.body.subscriptions, { is: 1, in: "`subscriptions`" });
      equal(Object.values(answer.body.services), { is: [1], in: "`services`" });
      expect(!answer.text.includes(body.keys.auth), "the answer has a secret");
      expect(
        !answer.text.includes(body.endpoint.replace(`http://${host}`, "")),
        "the answer has an endpoint",
      );
    },
  },
];
