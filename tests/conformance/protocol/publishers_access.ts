/** Rules A of publishers: keys and their scopes. */

import type { Case } from "../case.ts";
import { equal, match } from "../client/expect.ts";
import { requestHead, takeHead } from "../client/raw_http.ts";

/** A head that announces a body, which never comes. */
const ANNOUNCED = { "content-length": "50", "content-type": "application/json" };

export const PUBLISHERS_ACCESS: readonly Case[] = [
  {
    rule: "A1",
    title: "A publisher without a known key is 401, and the scheme is case-insensitive",
    needs: ["keys"],
    run: async (server) => {
      const body = { target: server.name(), data: 1 };
      for (
        const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Basic ${btoa("x:y")}` }]
      ) {
        const answer = await server.request("/v1/notify", { method: "POST", body, headers: { ...headers } });
        answer.isProblem(401, "not-authorized");
        match(answer.header("www-authenticate"), { is: /^Bearer/, in: "WWW-Authenticate" });
      }
      const authorization = `bEARER ${server.settings.key}`;
      (await server.request("/v1/notify", { method: "POST", body, headers: { authorization } })).is(202);
    },
  },
  {
    rule: "A24",
    title: "Only requests of Amazon SNS may send the key as a password",
    needs: ["keys"],
    run: async (server) => {
      const basic = { authorization: `Basic ${btoa(`sns:${server.settings.key}`)}` };
      const sns = {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-rawdelivery": "true",
        "content-type": "text/plain; charset=UTF-8",
      };
      const body = { target: server.name(), data: 1 };
      const post = { method: "POST", body };
      (await server.request("/v1/notify", { ...post, headers: { ...basic, ...sns } })).is(202);
      (await server.request("/v1/notify", { ...post, headers: basic })).isProblem(401, "not-authorized");
      const refused = await server.request("/v1/notify", { ...post, headers: sns });
      refused.isProblem(401, "not-authorized");
      match(refused.header("www-authenticate"), { is: /^Basic/, in: "WWW-Authenticate of SNS" });
    },
  },
  {
    rule: "A25",
    title: "A key without the scope is 403, with the WWW-Authenticate of RFC 6750",
    needs: ["readKey"],
    run: async (server) => {
      const headers = { authorization: `Bearer ${server.settings.readKey}` };
      const body = { target: server.name(), data: 1 };
      const answer = await server.request("/v1/notify", { method: "POST", body, headers });
      match(answer.isProblem(403, "missing-scope").detail, { is: /publish/, in: "`detail`" });
      equal(answer.header("www-authenticate"), {
        is: 'Bearer error="insufficient_scope", scope="publish"',
        in: "WWW-Authenticate",
      });
    },
  },
  {
    rule: "A26",
    title: "Routes require the scopes of the table",
    needs: ["readKey"],
    run: async (server) => {
      const headers = { authorization: `Bearer ${server.settings.readKey}` };
      const target = server.name();
      for (const path of ["/metrics", `/v1/targets/${target}`, `/v1/targets/${target}/notifications`]) {
        (await server.request(path, { headers })).is(200, `the status of ${path} with the scope read`);
      }
      for (
        const [method, path] of [
          ["DELETE", `/v1/targets/${target}/connections`],
          ["DELETE", "/v1/notifications/x"],
          ["POST", `/v1/targets/${target}/read`],
          ["POST", "/v1/tokens"],
          ["GET", "/v1/publish"],
        ] as const
      ) {
        (await server.request(path, { method, headers })).isProblem(403, "missing-scope");
      }
    },
  },
  {
    rule: "A27",
    title: "GET /v1/key answers with the name and the scopes of the key",
    run: async (server) => {
      const { name, scopes } = (await server.publisher("/v1/key")).is(200).body;
      match(name, { is: server.settings.key === null ? /^anyone$/ : /./, in: "`name`" });
      equal(scopes.toSorted(), { is: ["admin", "publish", "read", "tokens"], in: "`scopes`" });
    },
  },
  {
    rule: "A27",
    title: "GET /v1/key requires no scope",
    needs: ["readKey"],
    run: async (server) => {
      const headers = { authorization: `Bearer ${server.settings.readKey}` };
      equal((await server.request("/v1/key", { headers })).is(200).body.scopes, {
        is: ["read"],
        in: "`scopes`",
      });
    },
  },
  {
    rule: "A2",
    title: "The key is checked before the body is read",
    needs: ["keys"],
    run: async (server) => {
      const stream = await server.open();
      const { url } = server.settings;
      const path = server.path("/v1/notify");
      await stream.write(requestHead({ method: "POST", path, url, headers: ANNOUNCED }));
      equal((await takeHead(stream)).status, { is: 401, in: "the status before the body was sent" });
    },
  },
  {
    rule: "A21",
    title: "In development mode, publishers need no key",
    needs: ["development"],
    run: async (server) => {
      (await server.request("/v1/notify", { method: "POST", body: { target: server.name(), data: 1 } })).is(
        202,
      );
    },
  },
];
