/** A port, when there is no file for another connection. */

import { assertEquals } from "@std/assert";
import { ServiceProcess } from "../end_to_end/process.ts";
import { soon } from "../end_to_end/running.ts";
import { Tab } from "../end_to_end/tab.ts";

Deno.test("A service that may open no file for another connection keeps those it has, and listens again", async () => {
  await using service = await ServiceProcess.started();
  const { port } = service;
  const { tab } = await Tab.open(port, { target: "alexander" });
  await service.limitOpenFiles(8);
  const crowd = await Promise.all(
    Array.from({ length: 16 }, () => Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null)),
  );
  while (!service.output.includes("Too many open files")) await soon();
  for (const connection of crowd) connection?.close();
  const isUp = () => fetch(`${service.url}/healthz`).then((one) => one.text(), () => null);
  while (await isUp() === null) await soon();
  await service.notify({ target: "alexander", data: 1 });
  assertEquals(await tab.data(1), [1]);
  const late = await Tab.open(port, { target: "alexander" });
  service.signal("SIGTERM");
  assertEquals([await tab.closed, await late.tab.closed].map(({ code }) => code), [1012, 1012]);
  assertEquals(await service.ended(), 0);
});
