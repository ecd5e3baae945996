/** CloudEvents over HTTP, from the SDK of the project CloudEvents to a tab. */

import { assertEquals } from "@std/assert";
import { CloudEvent, HTTP, type Message } from "cloudevents";
import { assertProblem } from "../http/assert_problem.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";

const EVENT = {
  source: "/orders",
  id: "17",
  type: "com.example.shipped",
  subject: "alexander",
  data: { n: 1 },
};

/** Posts what the SDK has made of an event. */
function post({ url }: TestService, { headers, body }: Message): Promise<Response> {
  const own = Object.entries(headers).map(([name, value]) => [name, `${value}`] as [string, string]);
  return fetch(`${url}/v1/notify`, { method: "POST", headers: own, body: `${body}` });
}

for (const mode of ["structured", "binary"] as const) {
  Deno.test(`The service delivers an event that the SDK sends in ${mode} mode, once`, async () => {
    await using service = await TestService.start();
    const { tab } = await Tab.open(service.port, { target: "alexander" });
    const event = new CloudEvent({ ...EVENT, topic: "order", ttl: 60, urgency: "high" });
    const first = await post(service, HTTP[mode](event));
    const accepted = await first.json();
    assertEquals([first.status, accepted.id], [202, "/orders 17"]);
    assertEquals(Date.parse(accepted.expires) <= Date.now() + 60_000, true);
    assertEquals(await (await post(service, HTTP[mode](event))).json(), accepted);
    const { id, data } = await tab.next();
    assertEquals([id, data], [EVENT.source + " " + EVENT.id, EVENT.data]);
    await service.notify({ target: "alexander", data: "next" });
    assertEquals(await tab.data(1), ["next"]);
  });

  Deno.test(`The service refuses an event that the SDK sends in ${mode} mode without subject, or with text`, async () => {
    await using service = await TestService.start();
    const { subject: _, ...anonymous } = EVENT;
    const response = await post(service, HTTP[mode](new CloudEvent(anonymous)));
    const { errors } = await assertProblem(response, "422 does-not-fit");
    assertEquals(errors?.map(({ path }) => path), ["subject"]);
    const text = new CloudEvent({ ...EVENT, datacontenttype: "text/plain", data: "Hello" });
    const expected = mode === "binary" ? "415 unsupported-type" : "422 does-not-fit";
    await assertProblem(await post(service, HTTP[mode](text)), expected);
  });
}

Deno.test("The service delivers a batch of events, and names the one that is invalid", async () => {
  await using service = await TestService.start();
  const { tab } = await Tab.open(service.port, { target: "alexander" });
  const headers = { "content-type": "application/cloudevents-batch+json; charset=utf-8" };
  const events = [1, 2].map((n) => new CloudEvent({ ...EVENT, id: `${n}`, data: { n } }));
  const response = await post(service, { headers, body: JSON.stringify(events) });
  const { notifications } = await response.json();
  assertEquals(notifications.map(({ id, target }: Record<string, string>) => [id, target]), [
    ["/orders 1", "alexander"],
    ["/orders 2", "alexander"],
  ]);
  assertEquals(await tab.data(2), [{ n: 1 }, { n: 2 }]);
  const invalid = JSON.stringify([events[0], { ...EVENT, specversion: "1.0", data_base64: "AQ==" }]);
  const refused = await assertProblem(await post(service, { headers, body: invalid }), "422 does-not-fit");
  assertEquals(refused.errors?.map(({ path }) => path), ["1.data_base64"]);
});

for (const journal of ["memory:", "sqlite:"]) {
  Deno.test(`The service accepts a batch without events, with the journal ${journal}`, async () => {
    const path = journal === "sqlite:" ? await Deno.makeTempDir() : null;
    await using service = await TestService.start({
      TIDINGS_JOURNAL: path === null ? journal : `sqlite:${path}/tidings.db`,
    });
    const headers = { "content-type": "application/cloudevents-batch+json" };
    for (const prefer of [{}, { prefer: "wait=1" }]) {
      const response = await post(service, { headers: { ...headers, ...prefer }, body: "[]" });
      assertEquals(Object.values(await response.json()), [[]]);
    }
    await service.stop();
    if (path !== null) await Deno.remove(path, { recursive: true });
  });
}

Deno.test("The service answers an event in a format other than JSON with 415, before it reads the body", async () => {
  await using service = await TestService.start();
  for (
    const type of [
      "application/cloudevents+xml",
      "application/cloudevents",
      "application/cloudevents-batch+avro",
    ]
  ) {
    const response = await post(service, { headers: { "content-type": type }, body: "<event/>" });
    const { detail } = await assertProblem(response, "415 unsupported-type");
    assertEquals(detail.includes("application/cloudevents+json"), true);
  }
  const binary = { "ce-specversion": "1.0", "content-type": "application/x-ndjson" };
  await assertProblem(await post(service, { headers: binary, body: "{}" }), "415 unsupported-type");
});

Deno.test("The service answers with the report of an event that it has delivered, by source and id", async () => {
  await using service = await TestService.start();
  await (await post(service, HTTP.structured(new CloudEvent(EVENT)))).body?.cancel();
  const response = await fetch(`${service.url}/v1/notifications/${encodeURIComponent("/orders 17")}`);
  assertEquals([response.status, (await response.json()).sent], [200, 0]);
});
