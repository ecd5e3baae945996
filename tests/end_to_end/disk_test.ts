/** The service on a disk that is full, read-only or too small, in a process of its own. */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../eventually.ts";
import { ReturningTab } from "./returning_tab.ts";
import { ServiceProcess } from "./service_process.ts";
import { SmallDisk } from "./small_disk.ts";

const OLDEST = "00000000-00000000000";
const ignore = Deno.build.os !== "linux"; // other systems have no prlimit

/** A publisher of notifications of 10 KB, which remembers which were accepted. */
class Publisher {
  readonly accepted: number[] = [];
  #next = 0;

  constructor(public service: ServiceProcess) {}

  /** Posts one with an id of its own. Returns the status, which is 202 or 503. */
  async post(): Promise<number> {
    const n = this.#next++;
    const data = { n, padding: "x".repeat(10_000) };
    const body = JSON.stringify({ target: "alexander", id: `id-${n}`, data });
    const response = await fetch(`${this.service.url}/v1/notify`, { method: "POST", body });
    await response.body?.cancel();
    if (response.status === 202) this.accepted.push(n);
    else assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
    return response.status;
  }

  /** Posts until one is refused. */
  async fillDisk(): Promise<void> {
    while (await this.post() === 202);
  }
}

async function readiness({ url }: ServiceProcess): Promise<number> {
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  return response.status;
}

/** Reads everything that is kept, with a tab that comes anew. */
async function keptBy({ port }: ServiceProcess, count: number): Promise<number[]> {
  const tab = new ReturningTab("alexander", OLDEST);
  await tab.connect(port);
  await eventually(() => tab.received.length >= count, `${count} notifications`);
  await tab.disconnect();
  return tab.received.map(({ data }) => (data as { n: number }).n);
}

Deno.test(
  "The service serves readers and is not ready while nothing can be written, and recovers when it can",
  { ignore },
  () => fillAndFree({ workers: "1" }),
);

Deno.test(
  "Every isolate serves readers and is not ready while nothing can be written, and recovers when it can",
  { ignore },
  () => fillAndFree({ workers: "2" }),
);

async function fillAndFree({ workers }: { workers: string }): Promise<void> {
  const folder = await Deno.makeTempDir();
  const environment = {
    TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=normal`,
    TIDINGS_WORKERS: workers,
  };
  await using service = await ServiceProcess.start(environment, { folder });
  const publisher = new Publisher(service);
  for (let n = 0; n < 5; n++) assertEquals(await publisher.post(), 202);
  await service.limitFileSize(4_096);
  for (let again = 0; again < 100; again++) assertEquals(await publisher.post(), 503);
  assertEquals(await readiness(service), 503);
  assertEquals(
    (await fetch(`${service.url}/healthz`).then((response) => response.json())).status,
    "alive",
  );
  assertEquals(await keptBy(service, 5), publisher.accepted);
  assertEquals(service.output.match(/unexpected error/g)?.length, 1, "refusals do not fill the log");
  await service.limitFileSize(null);
  await eventually(async () => await readiness(service) === 200, "ready again");
  assertEquals(await publisher.post(), 202);
  service.signal("SIGKILL");
  await service.exited();
  await using next = await ServiceProcess.start(environment, { folder });
  assertEquals(await keptBy(next, publisher.accepted.length), publisher.accepted);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("The service deletes what has expired although its files cannot grow, and then accepts again", {
  ignore,
}, async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db`, TIDINGS_RETENTION_SECONDS: "1" };
  await using service = await ServiceProcess.start(environment, { folder });
  await service.limitFileSize(1024 * 1024);
  const publisher = new Publisher(service);
  for (let round = 0; round < 2; round++) {
    await publisher.fillDisk();
    await eventually(async () => await publisher.post() === 202, "room for more");
    await eventually(async () => await readiness(service) === 200, "ready again");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("The service starts on a full disk, serves readers, and accepts again when there is room", async () => {
  await using disk = await SmallDisk.mount(4);
  if (disk === null) return;
  const { folder } = disk;
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  const publisher = new Publisher(await ServiceProcess.start(environment, { folder }));
  for (let n = 0; n < 10; n++) assertEquals(await publisher.post(), 202);
  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    publisher.service.signal(end);
    await publisher.service.exited();
    await Deno.remove(`${folder}/j.db-spare`);
    disk.fill();
    publisher.service = await ServiceProcess.start(environment, { folder });
    const kept = [...publisher.accepted];
    assertEquals(await publisher.post(), 503);
    assertEquals(await readiness(publisher.service), 503);
    assertEquals(await keptBy(publisher.service, kept.length), kept);
    await disk.makeRoom();
    await eventually(async () => await readiness(publisher.service) === 200, "ready again");
    assertEquals(await publisher.post(), 202);
  }
  await publisher.service[Symbol.asyncDispose]();
});

Deno.test("The service starts on a read-only disk, serves readers, and accepts when it can write", async () => {
  await using disk = await SmallDisk.mount(4);
  if (disk === null) return;
  const { folder } = disk;
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db` };
  const publisher = new Publisher(await ServiceProcess.start(environment, { folder }));
  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    assertEquals(await publisher.post(), 202);
    publisher.service.signal(end);
    await publisher.service.exited();
    await disk.remount("ro");
    publisher.service = await ServiceProcess.start(environment, { folder });
    assertEquals([await publisher.post(), await readiness(publisher.service)], [503, 503]);
    assertEquals(await keptBy(publisher.service, publisher.accepted.length), publisher.accepted);
    await disk.remount("rw");
    await eventually(async () => await readiness(publisher.service) === 200, "ready again");
  }
  assertEquals(await publisher.post(), 202);
  await publisher.service[Symbol.asyncDispose]();
});

Deno.test("The service refuses publishers and new tabs when its file is taken away", async () => {
  const folder = await Deno.makeTempDir();
  await using service = await ServiceProcess.start({ TIDINGS_JOURNAL: `sqlite:${folder}/j.db` }, { folder });
  const publisher = new Publisher(service);
  assertEquals(await publisher.post(), 202);
  await Deno.remove(`${folder}/j.db`);
  await eventually(async () => await readiness(service) === 503, "not ready");
  assertEquals(await publisher.post(), 503);
  const connecting = await fetch(`${service.url}/v1/connect?target=alexander`);
  await connecting.body?.cancel();
  assertEquals(connecting.status, 503);
  assert(service.output.includes("it was deleted or moved away"), service.output);
  await Deno.remove(folder, { recursive: true });
});
