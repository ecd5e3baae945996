/** Tests of the prepared requests. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Plan, Server } from "./plan.ts";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { NotifyRequestSchema } from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";
import { requestsOf } from "./requests.ts";

const server: Server = {
  port: 1,
  pid: 1,
  dialect: "tidings",
  connect: "/c",
  notify: "/one",
  many: "/many",
  publish: null,
  lines: null,
  call: "/call",
  secrets: null,
};
const plan: Plan = {
  tabs: 5,
  targets: 5,
  stalled: false,
  missed: 0,
  publishers: 1,
  over: "requests",
  unanswered: 1,
  batch: 1,
  rate: null,
  until: { requests: 1 },
};
const TIME = 1790000000123456;

function sent(given: Plan): { head: string; body: string; targets: readonly number[] }[] {
  return requestsOf(server, given).map((request) => {
    request.stamp(1); // so that the test fails if a digit of an earlier time remains
    request.stamp(TIME);
    const [head = "", body = ""] = new TextDecoder().decode(request.bytes).split("\r\n\r\n");
    return { head, body, targets: request.targets };
  });
}

Deno.test("requestsOf covers all targets, one per request, with the time of sending", () => {
  const requests = sent(plan);
  assertEquals(requests.map(({ body }) => JSON.parse(body).target), ["t0", "t1", "t2", "t3", "t4"]);
  for (const { head, body } of requests) {
    assertEquals(JSON.parse(body).data.ts, TIME);
    assertEquals(head.startsWith("POST /one HTTP/1.1\r\n"), true);
    assertEquals(/content-length: (\d+)/.exec(head)?.[1], `${body.length}`);
  }
});

Deno.test("requestsOf posts to a server in its dialect", () => {
  const given: Server = { ...server, dialect: "centrifugo", secrets: { key: "a-key", token: "" } };
  const [request] = requestsOf(given, { ...plan, batch: 2 });
  request?.stamp(TIME);
  const [head = "", body = ""] = new TextDecoder().decode(request?.bytes).split("\r\n\r\n");
  assertStringIncludes(head, "\r\nauthorization: apikey a-key");
  const { commands } = JSON.parse(body);
  assertEquals(commands.map(({ publish }: { publish: { data: { ts: number } } }) => publish.data.ts), [
    TIME,
    TIME,
  ]);
});

Deno.test("requestsOf makes calls in the encoding of protocol buffers, with the time of sending", () => {
  const targets = requestsOf(server, { ...plan, over: "calls" }).map((request) => {
    request.stamp(1);
    request.stamp(TIME);
    const text = new TextDecoder("latin1").decode(request.bytes), [head = ""] = text.split("\r\n\r\n");
    const body = request.bytes.subarray(head.length + 4);
    const { target, data } = Object(toJson(NotifyRequestSchema, fromBinary(NotifyRequestSchema, body)));
    assertEquals([data.ts, Object.keys(data)], [TIME, ["ts", "title", "pad"]]);
    assertEquals(head.startsWith("POST /call HTTP/1.1\r\n"), true);
    assertEquals(/content-type: (\S+)\r\ncontent-length: (\d+)/.exec(head)?.slice(1), [
      "application/proto",
      `${body.length}`,
    ]);
    return target;
  });
  assertEquals(targets, ["t0", "t1", "t2", "t3", "t4"]);
});

Deno.test("requestsOf puts a batch into an array, with a stamp in each notification", () => {
  const requests = sent({ ...plan, batch: 4 });
  const targets = requests.map(({ body }) => JSON.parse(body).map((one: { target: string }) => one.target));
  assertEquals(targets, [["t0", "t1", "t2", "t3"], ["t4", "t0", "t1", "t2"]]);
  assertEquals(requests.map(({ targets }) => targets), [[0, 1, 2, 3], [4, 0, 1, 2]]);
  for (const { head, body } of requests) {
    assertEquals(JSON.parse(body).map(({ data }: { data: { ts: number } }) => data.ts), [
      TIME,
      TIME,
      TIME,
      TIME,
    ]);
    assertEquals(head.startsWith("POST /many HTTP/1.1\r\n"), true);
  }
});

Deno.test("requestsOf puts the lines of a chunk between its length and its end, with a stamp in each", () => {
  const [request, ...more] = requestsOf(server, { ...plan, over: "chunks", batch: 5 });
  assertEquals(more, []);
  request?.stamp(TIME);
  const text = new TextDecoder().decode(request?.bytes);
  const [, length = "", body = ""] = /^([0-9a-f]+)\r\n([^]*)\r\n$/.exec(text) ?? [];
  assertEquals(body.length, parseInt(length, 16));
  const lines = body.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    lines.map(({ target, data }) => [target, data.ts]),
    ["t0", "t1", "t2", "t3", "t4"].map((t) => [t, TIME]),
  );
  assertEquals([request?.count, body.at(-1)], [5, "\n"]);
});
