/** Rules E: how every error is answered. */

import type { Case } from "../case.ts";
import { equal, expect, match } from "../client/expect.ts";
import { requestHead, takeHead } from "../client/raw_http.ts";

/** Not UTF-8: a continuation byte without a start. */
const NOT_UTF8 = new Uint8Array([0x7b, 0x22, 0x80, 0x22, 0x7d]);

export const ERRORS: readonly Case[] = [
  {
    rule: "E1",
    title: "Every error is a problem document of RFC 9457",
    run: async (server) => {
      (await server.request("/v1/nothing")).isProblem(404, "not-found");
      (await server.notify("{")).isProblem(400, "not-json");
      (await server.client(server.name(), "/v1/events?after=no")).isProblem(400, "bad-request");
    },
  },
  {
    rule: "E2",
    title: "Each kind of problem has the status of the table",
    run: async (server) => {
      (await server.request("/v1/notify")).isProblem(405, "method-not-allowed");
      (await server.notify({})).isProblem(422, "does-not-fit");
      (await server.notify({ target: "a", data: "x".repeat(70_000) })).isProblem(413, "too-large");
      (await server.client(server.name(), "/v1/connect")).isProblem(426, "upgrade-required");
    },
  },
  {
    rule: "E3",
    title: "A body that does not fit is 422, and `errors` names the path",
    run: async (server) => {
      const { errors } = (await server.notify({ targets: [""], data: 1 })).isProblem(422, "does-not-fit");
      expect(
        errors.some(({ path }) => path === "targets.0"),
        `no error has the path targets.0: ${JSON.stringify(errors)}`,
      );
      const whole = (await server.notify([])).isProblem(422, "does-not-fit").errors;
      equal(whole[0]?.path, { is: "", in: "the path of an error of the whole body" });
    },
  },
  {
    rule: "E4",
    title: "`errors` has at most 20 members, of at most 200 characters",
    run: async (server) => {
      const many = Array.from({ length: 50 }, () => ({ target: "a", data: 1, [`x${"y".repeat(500)}`]: 1 }));
      const { errors } = (await server.notify(many)).isProblem(422, "does-not-fit");
      expect(errors.length > 0 && errors.length <= 20, `there are ${errors.length} errors`);
      expect(errors.every(({ message }) => message.length <= 200), "a message is longer than 200 characters");
    },
  },
  {
    rule: "E5",
    title: "Unknown fields are refused",
    run: async (server) => {
      const body = { target: server.name(), data: 1, surprise: true };
      (await server.notify(body)).isProblem(422, "does-not-fit");
    },
  },
  {
    rule: "E6",
    title: "A body is JSON in UTF-8, whatever its Content-Type",
    run: async (server) => {
      await server.accept({ target: server.name(), data: 1 }, {
        "content-type": "application/x-www-form-urlencoded",
      });
      (await server.notify("{target:1}")).isProblem(400, "not-json");
      (await server.notify(NOT_UTF8)).isProblem(400, "bad-request");
    },
  },
  {
    rule: "E7",
    title: "A compressed body is 415, with Accept-Encoding: identity",
    run: async (server) => {
      const answer = await server.notify({ target: server.name(), data: 1 }, { "content-encoding": "gzip" });
      answer.isProblem(415, "unsupported-encoding");
      equal(answer.header("accept-encoding"), { is: "identity", in: "Accept-Encoding" });
    },
  },
  {
    rule: "E8",
    title: "A 429 has Retry-After, in seconds",
    run: async (server) => {
      const target = server.name(), { connection } = (await server.tab(target)).welcome;
      const body = { connection, messages: [{ type: "ping" }] };
      // B6 allows 50 at once, and then 10 a second.
      const post = () => server.client(target, "/v1/received", { method: "POST", body });
      const answers = await Promise.all(Array.from({ length: 150 }, post));
      const refused = answers.find(({ status }) => status !== 204);
      refused?.isProblem(429, "too-many-requests");
      match(refused?.header("retry-after"), { is: /^\d+$/, in: "Retry-After of one of 150 posts at once" });
    },
  },
  {
    rule: "E9",
    title: "An unknown path is 404, and an unknown method is 405 with Allow",
    run: async (server) => {
      (await server.request("/v2/notify", { method: "POST" })).isProblem(404, "not-found");
      const answer = await server.request("/v1/tokens", { method: "PUT" });
      answer.isProblem(405, "method-not-allowed");
      match(answer.header("allow"), { is: /\bPOST\b/, in: "Allow" });
    },
  },
  {
    rule: "E11",
    title: "Times are RFC 3339, in UTC, with milliseconds",
    run: async (server) => {
      const { expires } = await server.accept({ target: server.name(), data: 1 });
      match(expires, { is: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, in: "`expires`" });
    },
  },
  {
    rule: "E12",
    title: "A request whose Host is more than a host and a port is 400, before it is routed",
    run: async (server) => {
      for (const host of ["x/console?", "a b", "user@host", "host#", ""]) {
        const answer = await server.raw("/healthz", { headers: { host } });
        answer.is(400, `the status with the Host "${host}"`);
      }
    },
  },
  {
    rule: "E13",
    title: "In development mode, foreign hosts, proxies and pages are refused on every route",
    needs: ["development"],
    run: async (server) => {
      for (const path of ["/healthz", "/v1/key", "/metrics"]) {
        (await server.raw(path, { headers: { host: "foreign.example" } })).isProblem(403, "not-local");
        (await server.request(path, { headers: { "x-forwarded-for": "203.0.113.9" } })).isProblem(
          403,
          "not-local",
        );
      }
      (await server.notify({ target: "a", data: 1 }, { origin: "https://foreign.example" }))
        .isProblem(403, "origin-not-allowed");
    },
  },
  {
    rule: "E14",
    title: "A body that does not arrive within 30 seconds is 408, and nothing of it is taken",
    seconds: 30,
    run: async (server) => {
      const stream = await server.open(), start = Date.now();
      const headers = { ...server.publisherHeaders, "content-length": "1000" };
      await stream.write(
        requestHead({ method: "POST", path: server.path("/v1/notify"), url: server.settings.url, headers }),
      );
      await stream.write('{"target":"a"');
      const answer = await takeHead(stream);
      equal(answer.status, { is: 408, in: "the status" });
      match(answer.headers.get("connection"), { is: /close/i, in: "Connection" });
      expect(Date.now() - start > 25_000, "the server gave up before 25 seconds");
    },
  },
  {
    rule: "E16",
    title: "HEAD has the status and the headers of GET",
    run: async (server) => {
      for (
        const [path, status] of [["/healthz", 200], ["/openapi.json", 200], ["/v1/nothing", 404]] as const
      ) {
        const get = (await server.request(path)).is(status),
          head = await server.raw(path, { method: "HEAD" });
        equal(head.status, { is: get.status, in: `the status of HEAD ${path}` });
        for (const name of ["content-type", "content-length"]) {
          equal(head.header(name), { is: get.header(name), in: `${name} of HEAD ${path}` });
        }
      }
    },
  },
  {
    rule: "E17",
    title: "Header fields that are lists are read as RFC 9110 defines them",
    run: async (server) => {
      const { headers, query } = await server.credential(server.name());
      const socket = await server.socket("/v1/connect", {
        query,
        headers: {
          ...headers,
          connection: ["keep-alive", " ,Upgrade"],
          upgrade: "h2c , websocket",
          "sec-websocket-protocol": ["other,,", "tidings.v1"],
        },
      });
      equal(socket.handshake.header("sec-websocket-protocol"), { is: "tidings.v1", in: "the subprotocol" });
      await server.accept({ target: server.name(), data: 1 }, { "content-encoding": "identity, ,identity" });
    },
  },
];
