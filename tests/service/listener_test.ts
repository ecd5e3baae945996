/** HttpListener: with no file left for another connection, and with others on its port. */

import { assertEquals, assertThrows } from "@std/assert";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { HttpListener } from "../../src/service/listener.ts";
import { Tab } from "../end_to_end/tab.ts";
import { eventually } from "../eventually.ts";

Deno.test("HttpListener keeps its connections when the process has no file left, and listens again later", async () => {
  await using service = await ServiceProcess.start();
  const { port } = service;
  const { tab } = await Tab.open(port, { target: "alexander" });
  await service.limitOpenFiles(8);
  const connections = await Promise.all(
    Array.from({ length: 16 }, () => Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null)),
  );
  await eventually(() => service.output.includes("Too many open files"), "the error in the log");
  for (const connection of connections) connection?.close();
  const isUp = () =>
    fetch(`${service.url}/healthz`).then((response) => response.text().then(() => true), () => false);
  await eventually(isUp, "an answer of /healthz");
  await service.notify({ target: "alexander", data: 1 });
  assertEquals(await tab.data(1), [1]);
  const late = await Tab.open(port, { target: "alexander" });
  service.signal("SIGTERM");
  assertEquals([await tab.closed, await late.tab.closed].map(({ code }) => code), [1012, 1012]);
  assertEquals(await service.exited(), 0);
});

Deno.test("HttpListener shares its port with others of its process, and with nobody who was there before", async () => {
  const deps = { host: "127.0.0.1", fetch: () => new Response("Hello"), report() {} };
  const first = new HttpListener({ ...deps, port: 0, sharing: "first" }), { port } = first.addr;
  const other = new HttpListener({ ...deps, port, sharing: "others" });
  assertThrows(() => new HttpListener({ ...deps, port, sharing: "first" }), Deno.errors.AddrInUse);
  await Promise.all([first.shutdown(), other.shutdown()]);
});
