/** The access log of a process: a line for each request, in which no secret is ever found. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { bearer, secondsFromNow, signedToken, TOKEN_SECRET } from "../http/auth/signed_token.ts";
import { RawSocket } from "./raw_socket.ts";
import { ServiceProcess } from "./service_process.ts";

const KEY = "a-publisher-key-of-32-characters";
const SECURED = {
  TIDINGS_SCOPED_KEYS: `shop:publish+read:${KEY}`,
  TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
  TIDINGS_ACCESS_LOG: "on",
};

async function linesOf(service: ServiceProcess): Promise<Record<string, unknown>[]> {
  service.signal("SIGTERM");
  assertEquals(await service.exited(), 0);
  const all = service.output.trim().split("\n").map((line) => JSON.parse(line));
  return all.filter(({ logger }) => logger === "tidings.access");
}

Deno.test("The service logs each request with its key, id and client, before it exits", async () => {
  await using service = await ServiceProcess.start(SECURED);
  const answers = await Promise.all([
    fetch(`${service.url}/v1/notify`, {
      method: "POST",
      headers: { ...bearer(KEY), "x-request-id": "order-17" },
      body: '{"target":"alexander","data":"hunter2"}',
    }),
    fetch(`${service.url}/healthz`),
  ]);
  for (const answer of answers) await answer.body?.cancel();
  assertEquals(answers.map(({ headers }) => headers.get("x-request-id") === "order-17"), [true, false]);
  const [line, ...others] = await linesOf(service);
  const { "@timestamp": time, duration_ms, ...rest } = line ?? {};
  assertEquals([rest, others], [{
    ...{ level: "INFO", message: "POST /v1/notify 202", logger: "tidings.access", method: "POST" },
    ...{ route: "/v1/notify", status: 202, key: "shop", client: "127.0.0.1", request_id: "order-17" },
  }, []]);
  assertMatch(String(time), /^\d{4}-.{18}Z$/);
  assert(typeof duration_ms === "number" && duration_ms > 0, String(duration_ms));
});

Deno.test("The service logs no token, key, target or data, wherever a request has it", async () => {
  await using service = await ServiceProcess.start(SECURED);
  const token = await signedToken({ sub: "alexander", exp: secondsFromNow(60) });
  const forged = 'x","level":"ERROR","forged":"';
  const requests: [string, RequestInit][] = [
    [`/v1/inbox?access_token=${token}`, {}],
    [`/v1/inbox?access_token=${token}x`, {
      headers: { origin: "https://evil.example", "x-request-id": forged },
    }],
    ["/v1/targets/alexander", { headers: bearer(KEY) }],
    ["/v1/targets/alexander", { headers: bearer(`${KEY}x`) }],
    [`/${token}`, {}],
    ["/v1/notify", { method: "POST", headers: bearer(KEY), body: '{"target":"alexander","hunter2":1}' }],
  ];
  for (const [path, init] of requests) await (await fetch(`${service.url}${path}`, init)).body?.cancel();
  await RawSocket.connect(service.port, `/v1/connect?access_token=${token}`).then((socket) =>
    socket[Symbol.dispose]()
  );
  const lines = await linesOf(service);
  assertEquals(lines.map(({ status, level }) => [status, level]), [
    ...[[200, "INFO"], [403, "WARN"], [200, "INFO"], [401, "WARN"], [404, "WARN"], [422, "WARN"], [
      101,
      "INFO",
    ]],
  ]);
  assertEquals(lines[1]?.origin, "https://evil.example");
  for (const secret of [token, KEY, "alexander", "hunter2", "forged", "access_token"]) {
    assert(!service.output.includes(secret), secret);
  }
});
