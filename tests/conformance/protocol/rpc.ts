/** Rules Y: PublisherService by Connect and gRPC-Web, over HTTP/1.1. */

import type { Case } from "../case.ts";
import type { Answer } from "../client/answer.ts";
import type { Body } from "../client/body.ts";
import { envelope, field, openEnvelopes, trailersOf } from "../client/rpc_messages.ts";
import { equal, expect, match, present } from "../client/expect.ts";
import type { TestedServer } from "../tested_server.ts";
import { keptFor } from "./publishing.ts";

const SERVICE = "/tidings.v1.PublisherService";
const encoder = new TextEncoder();

async function call(
  server: TestedServer,
  method: string,
  { type, body, headers = {} }: { type: string; body: unknown; headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  const all = { "content-type": type, ...headers };
  return await server.publisher(`${SERVICE}/${method}`, { method: "POST", body, headers: all });
}

/** A unary call of Connect in JSON. */
async function connectCall(
  server: TestedServer,
  body: unknown,
  { method = "Notify", headers = {} }: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  return await call(server, method, { type: "application/json", body, headers });
}

/** A NotifyRequest in the format of protobuf: `target` is field 1, `data_json` field 5. */
function notifyRequest(target: string, dataJson: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...field(1, target), ...field(5, dataJson)]);
}

/** A stream of Connect in JSON. Resolves with its answers, and checks that it has ended without an error. */
async function connectStream(
  server: TestedServer,
  requests: readonly unknown[],
  key?: string,
): Promise<Body[]> {
  const body = new Uint8Array(
    requests.flatMap((request) => [...envelope(encoder.encode(JSON.stringify(request)))]),
  );
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const answer = await call(server, "Publish", { type: "application/connect+json", body, headers });
  const messages = openEnvelopes(answer.is(200).bytes);
  const end = present(messages.pop(), "the end of the stream");
  equal([end.flags, end.text.includes('"error"')], {
    is: [2, false],
    in: `the end of the stream: ${end.text}`,
  });
  return messages.map(({ text }) => JSON.parse(text));
}

export const RPC: readonly Case[] = [
  {
    rule: "Y1",
    title: "Notify and NotifyMany accept Connect and gRPC-Web, in protobuf and in JSON, and Publish streams",
    run: async (server) => {
      const target = server.name(), json = { target, data: 1 };
      (await connectCall(server, json)).is(200);
      (await connectCall(server, { notifications: [json, json] }, { method: "NotifyMany" })).is(200);
      (await call(server, "Notify", { type: "application/proto", body: notifyRequest(target, "2") })).is(200);
      const framed = envelope(notifyRequest(target, "3"));
      const web = (await call(server, "Notify", { type: "application/grpc-web+proto", body: framed })).is(
        200,
      );
      match(trailersOf(web.text), { is: /grpc-status: ?0/, in: "the trailers of gRPC-Web" });
      const text = envelope(encoder.encode(JSON.stringify(json)));
      match(
        trailersOf((await call(server, "Notify", { type: "application/grpc-web+json", body: text })).text),
        {
          is: /grpc-status: ?0/,
          in: "the trailers of gRPC-Web in JSON",
        },
      );
      equal((await connectStream(server, [{ notifications: [json] }])).length, {
        is: 1,
        in: "the answers of a stream",
      });
      equal(await keptFor(server, target), { is: [1, 1, 1, 2, 3, 1, 1], in: "what is kept" });
    },
  },
  {
    rule: "Y2",
    title: "A unary call of Connect takes the JSON of /v1/notify, with its checks and every digit",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      (await connectCall(server, `{"target":"${target}","data":12345678901234567890}`)).is(200);
      match(await tab.socket.text(), { is: /"data":12345678901234567890[,}]/, in: "the frame" });
      equal((await connectCall(server, { target, data: 1, ttl: -1 })).is(400).body.code, {
        is: "invalid_argument",
        in: "`code`",
      });
    },
  },
  {
    rule: "Y3",
    title: "`data_json` is passed on unchanged, and must be JSON",
    run: async (server) => {
      const target = server.name(), tab = await server.tab(target);
      const post = async (text: string) =>
        await call(server, "Notify", { type: "application/proto", body: notifyRequest(target, text) });
      (await post('{"n":1.50e3}')).is(200);
      expect((await tab.socket.text()).includes('"data":{"n":1.50e3}'), "the text of data_json has changed");
      expect((await post("{n:1}")).status !== 200, "data_json that is no JSON was accepted");
    },
  },
  {
    rule: "Y4",
    title: "Unknown fields and malformed messages are refused",
    run: async (server) => {
      const post = async (body: Uint8Array<ArrayBuffer>) =>
        await call(server, "Notify", { type: "application/proto", body });
      const good = notifyRequest(server.name(), "1");
      const unknown = await post(new Uint8Array([...good, ...field(15, "x")]));
      equal(unknown.is(400).body.code, { is: "invalid_argument", in: "the code for an unknown field" });
      const broken = await post(good.slice(0, -1));
      equal(broken.is(400).body.code, { is: "invalid_argument", in: "the code for half a message" });
    },
  },
  {
    rule: "Y5",
    title: "An error has the code of the table, the problem as a detail, and headers for proxies",
    run: async (server) => {
      const answer = await connectCall(server, { target: "" });
      const { code, message, details } = answer.is(400).body;
      equal(code, { is: "invalid_argument", in: "`code`" });
      match(message, { is: /./, in: "`message`" });
      equal(details[0]?.type, { is: "tidings.v1.ProblemDetails", in: "the type of the detail" });
      equal(answer.header("grpc-status"), { is: "3", in: "grpc-status" });
      const id = server.name(), body = { target: server.name(), id };
      (await connectCall(server, { ...body, data: 1 })).is(200);
      equal((await connectCall(server, { ...body, data: 2 })).body.code, {
        is: "already_exists",
        in: "the code of a used id",
      });
    },
  },
  {
    rule: "Y6",
    title: "The key is checked, and Idempotency-Key names notifications",
    run: async (server) => {
      const key = server.name(), body = { target: server.name(), data: 1 };
      const answer = (await connectCall(server, body, { headers: { "idempotency-key": key } })).is(200);
      equal(answer.body.id, { is: key, in: "the id" });
      if (server.settings.key === null) return;
      const refused = await connectCall(server, body, { headers: { authorization: "Bearer wrong" } });
      equal(refused.is(401).body.code, { is: "unauthenticated", in: "`code`" });
    },
  },
  {
    rule: "Y7",
    title: "A stream answers each request in order, also one that is refused",
    run: async (server) => {
      const target = server.name(), key = server.name();
      const good = { notifications: [{ target, data: 1 }, { target, data: 2 }] };
      const answers = await connectStream(server, [good, { notifications: [{ target: "" }] }, good], key);
      const ids = answers.map(({ notifications = [] }) => notifications.map(({ id }) => id));
      equal(ids, { is: [[`${key}.0.0`, `${key}.0.1`], [], [`${key}.2.0`, `${key}.2.1`]], in: "the ids" });
      equal(answers[1]?.problem?.status, { is: 422, in: "the status of the problem" });
    },
  },
  {
    rule: "Y9",
    title: "Another type is 415 with Accept-Post, a GET is 405, and gRPC is UNIMPLEMENTED",
    run: async (server) => {
      const other = (await call(server, "Notify", { type: "text/plain", body: "{}" })).is(415);
      match(other.header("accept-post"), { is: /application\/proto/, in: "Accept-Post" });
      (await server.publisher(`${SERVICE}/Notify`)).is(405);
      const body = envelope(notifyRequest(server.name(), "1"));
      const grpc = await call(server, "Notify", { type: "application/grpc", body });
      equal(grpc.header("grpc-status"), { is: "12", in: "grpc-status" });
    },
  },
];
