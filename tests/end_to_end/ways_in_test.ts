/** Whatever the way in, a notification can be sent later, can have a push, and is counted by its source. */

import { assertEquals } from "@std/assert";
import { SOURCES } from "../../src/wire/source.ts";
import { eventually } from "../eventually.ts";
import { NatsServer, test } from "../nats/nats_server.ts";
import { PushDevices } from "./push_devices.ts";
import { Tab } from "./tab.ts";
import { TestService } from "./test_service.ts";
import { WAYS_IN } from "./ways_in.ts";

const START = Date.UTC(2026, 6, 4, 9);
const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;
const LIMITS = { dueCheckMs: 2, retryMs: 2 };

/** A service whose clock moves only when the test moves it. */
async function start(): Promise<{ service: TestService; clock: { now: number } }> {
  const clock = { now: START };
  return { service: await TestService.start({}, { limits: LIMITS, now: () => clock.now }), clock };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** How many notifications have come from each source. */
async function counts({ url }: TestService): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.matchAll(/^tidings_accepted_total\{source="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...samples].map(([, source = "", count]) => [source, Number(count)]));
}

function countsWith(own: Readonly<Record<string, number>>): Record<string, number> {
  return { ...Object.fromEntries(SOURCES.map((source) => [source, 0])), ...own };
}

for (const { name, source, idOf, publish } of WAYS_IN) {
  Deno.test(`The service sends later what is scheduled by ${name}, and counts it by its source`, async () => {
    const { service, clock } = await start();
    await using _ = service;
    await using tab = (await Tab.open(service.port, { target: "alexander" })).tab;
    const notification = { target: "alexander", id: "duel", ttl: 60 };
    const later = { ...notification, data: { n: 2 }, at: iso(START + HOUR_MS) };
    const expires = iso(START + HOUR_MS + 60_000);
    for (let time = 0; time < 2; time++) { // the second is a repeat
      assertEquals(await publish(service, later), { id: idOf("duel"), position: null, expires });
    }
    await publish(service, { ...notification, id: "now", data: { n: 1 } });
    assertEquals(await tab.data(1), [{ n: 1 }]);
    assertEquals(await counts(service), countsWith({ [source]: 1 }));
    clock.now += HOUR_MS;
    assertEquals(await tab.data(1), [{ n: 2 }]);
    assertEquals(await counts(service), countsWith({ [source]: 1, schedule: 1 }));
  });

  Deno.test(`The service refuses what is scheduled or pushed too late by ${name}, and names the field`, async () => {
    const { service } = await start();
    await using _ = service;
    const notification = { target: "alexander", data: 1, id: "duel" };
    for (
      const [refused, path] of [
        [{ ...notification, at: iso(START + 31 * DAY_MS) }, "at"],
        [{ ...notification, at: "tomorrow" }, "at"],
        [{ ...notification, ttl: 10, push: true }, "push"],
        [{ data: 1, id: "duel", everyone: true, push: true }, "push"],
      ] as const
    ) {
      const { status, type, errors } = await publish(service, refused);
      assertEquals([status, type], [422, "urn:tidings:problem:does-not-fit"]);
      assertEquals(errors?.map(({ path }) => path), [path]);
    }
    assertEquals(await counts(service), countsWith({}));
  });

  Deno.test(`The service pushes what comes by ${name} and nobody reads, and refuses it if it cannot push`, async () => {
    const { service, clock } = await start();
    await using _ = service;
    await using devices = new PushDevices();
    await devices.subscribe(service.url);
    const notification = { target: "alexander", data: 1, id: "duel", push: true } as const;
    assertEquals((await publish(service, notification)).id, idOf("duel"));
    const scheduled = { ...notification, id: "later", at: iso(START + HOUR_MS) };
    assertEquals((await publish(service, scheduled)).position, null);
    clock.now += 10_000;
    assertEquals(await devices.next(1), [idOf("duel")]);
    clock.now = START + HOUR_MS;
    await eventually(async () => (await counts(service)).schedule === 1, "it is sent");
    clock.now += 10_000;
    assertEquals(await devices.next(1), [idOf("later")]);
    await using forgetful = await TestService.start({ TIDINGS_RETENTION_SECONDS: "5" });
    const { status, errors } = await publish(forgetful, notification);
    assertEquals([status, errors?.map(({ path }) => path)], [422, ["push"]]);
  });
}

test("The service counts what comes from the queue by its source", async () => {
  await using server = await NatsServer.started();
  await using service = await TestService.start({ TIDINGS_QUEUE: server.url("queue") });
  const link = await server.link();
  for (const n of [1, 2]) await link.jetstream.publish("queue.in", `{"target":"alexander","data":${n}}`);
  await eventually(async () => (await counts(service)).queue === 2, "both are accepted");
  assertEquals(await counts(service), countsWith({ queue: 2 }));
  await link.close();
});
