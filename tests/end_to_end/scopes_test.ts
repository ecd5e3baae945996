/** Tests of scopes on a real service: what each key may do, and how metrics and the log name the keys. */

import { assert, assertEquals } from "@std/assert";
import { bearer } from "../http/auth/signed_token.ts";
import { PublisherPeer } from "./publisher_peer.ts";
import { ServiceProcess } from "./service_process.ts";

const KEYS = {
  all: "a-key-that-may-do-everything",
  billing: "the-key-of-the-billing-service",
  login: "the-key-of-the-login-service",
  grafana: "the-key-of-grafana",
  support: "the-key-of-the-support-team",
};
const ENVIRONMENT = {
  TIDINGS_PUBLISHER_KEYS: KEYS.all,
  TIDINGS_SCOPED_KEYS: [
    `billing:publish:${KEYS.billing}`,
    `login:tokens:${KEYS.login}`,
    `grafana:read:${KEYS.grafana}`,
    `support:read+admin:${KEYS.support}`,
  ].join(),
  TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more",
};

/** Sends each request with each key. Resolves with the statuses by key. */
async function statuses(url: string, requests: readonly (readonly [string, RequestInit])[]) {
  const all = Object.entries(KEYS).map(async ([name, key]) => {
    const answers = [];
    for (const [path, init] of requests) {
      const response = await fetch(url + path, { ...init, headers: bearer(key) });
      await response.body?.cancel();
      answers.push(response.status);
    }
    return [name, answers];
  });
  return Object.fromEntries(await Promise.all(all));
}

Deno.test("The service lets each key do what its scopes allow, and names the keys in metrics and in the log", async () => {
  await using service = await ServiceProcess.start(ENVIRONMENT);
  const requests = [
    ["/v1/notify", { method: "POST", body: '{"target":"alexander","data":1}' }],
    ["/v1/tokens", { method: "POST", body: '{"target":"alexander"}' }],
    ["/v1/targets/alexander", {}],
    ["/v1/targets/alexander/connections", { method: "DELETE" }],
  ] as const;
  assertEquals(await statuses(service.url, requests), {
    all: [202, 200, 200, 200],
    billing: [202, 403, 403, 403],
    login: [403, 200, 403, 403],
    grafana: [403, 403, 200, 403],
    support: [403, 403, 200, 200],
  });
  const metrics = await (await fetch(`${service.url}/metrics`, { headers: bearer(KEYS.grafana) })).text();
  const counted = Array.from(metrics.matchAll(/^tidings_key_requests_total(.*)$/gm), ([, sample]) => sample);
  assertEquals(counted, [
    '{key="key-1"} 4',
    '{key="billing"} 1',
    '{key="login"} 1',
    '{key="grafana"} 2',
    '{key="support"} 2',
  ]);
  await service.waitForOutput("the key grafana lacks the scope publish: it has read");
  for (const key of Object.values(KEYS)) assert(!service.output.includes(key), service.output);
});

Deno.test("The service names the key of a publisher's socket in the log, and refuses one that may not publish", async () => {
  await using service = await ServiceProcess.start(ENVIRONMENT);
  const subprotocol = `tidings.key.${btoa(KEYS.billing).replaceAll("=", "")}`;
  await using peer = await PublisherPeer.open(service.port, ["tidings.publish.v1", subprotocol]);
  peer.send({ target: "" });
  assertEquals((await peer.take(1))[0]?.status, 422);
  await service.waitForOutput('"key":"billing"');
  const opening = await fetch(`${service.url}/v1/publish`, { headers: bearer(KEYS.grafana) });
  assertEquals([opening.status, (await opening.json()).type], [403, "urn:tidings:problem:missing-scope"]);
});
