/** Accepted means kept: the process is killed under load, again and again, and nothing that it accepted is lost. */

import { assert, assertEquals } from "@std/assert";
import { countsOf } from "./counts.ts";
import { ServiceProcess } from "./process.ts";
import { ReturningTab } from "./returning_tab.ts";

const KILLS = 20;
const PUBLISHERS = 8;
const TARGETS = ["alexander", "burr", "jefferson"];

/** A backend that posts one notification after the other, and repeats with its id what was not answered. */
class Publisher {
  readonly accepted: { readonly target: string | null; readonly n: number }[] = [];
  #posted = 0;

  constructor(readonly name: number) {}

  /** Posts until the service is gone; tells of each that was accepted, at once. */
  async publish(url: string, told: () => void): Promise<void> {
    for (;;) {
      const n = this.#posted * PUBLISHERS + this.name;
      const target = n % 10 === 9 ? null : TARGETS[n % TARGETS.length] ?? null;
      const to = target === null ? { everyone: true } : { target };
      const body = JSON.stringify({ ...to, id: `id-${n}`, data: n });
      const status = await fetch(`${url}/v1/notify`, { method: "POST", body })
        .then((response) => response.text().then(() => response.status), () => null);
      if (status === null) return;
      assertEquals(status, 202);
      this.accepted.push({ target, n });
      this.#posted++;
      told();
    }
  }
}

for (const synchronous of ["full", "normal"]) {
  Deno.test(`The service loses nothing and doubles nothing when it is killed ${KILLS} times, synchronous=${synchronous}`, async () => {
    const folder = await Deno.makeTempDir();
    const environment = {
      TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=${synchronous}`,
      TIDINGS_RETENTION_PER_TARGET: "1000000",
    };
    const publishers = Array.from({ length: PUBLISHERS }, (_, name) => new Publisher(name));
    const tabs = [...TARGETS, ...TARGETS].map((target) => new ReturningTab(target));
    const starts = new Map<string, string | undefined>();

    for (let kill = 1; kill <= KILLS; kill++) {
      await using service = await ServiceProcess.started(environment, { folder });
      await Promise.all(tabs.map((tab) => tab.connect(service.port)));
      if (kill === 1) { for (const { target, position } of tabs) starts.set(target, position); }
      let left = kill * 7; // so that some are killed when they have just begun
      const told = () => --left === 0 && service.signal("SIGKILL"); // on the very answer to the last accepted one
      await Promise.all(publishers.map((publisher) => publisher.publish(service.url, told)));
      assert(left <= 0, service.output);
      await service.ended();
      await Promise.all(tabs.map((tab) => tab.disconnect()));
    }

    await using service = await ServiceProcess.started(environment, { folder });
    tabs.push(...TARGETS.map((target) => new ReturningTab(target, starts.get(target)))); // and who was away all the time
    await Promise.all(tabs.map((tab) => tab.connect(service.port)));
    await service.notify({ everyone: true, data: "end" });
    await Promise.all(tabs.map((tab) => tab.has("end")));
    await Promise.all(tabs.map((tab) => tab.disconnect()));

    const accepted = publishers.flatMap((publisher) => publisher.accepted);
    const counts = TARGETS.map((target) =>
      countsOf(
        tabs.filter((tab) => tab.target === target),
        accepted.filter((one) => (one.target ?? target) === target).map(({ n }) => n),
      )
    );
    console.log(`killed ${KILLS} times, synchronous=${synchronous}`);
    console.table(counts);
    assertEquals(counts.map(({ duplicates, lost }) => [duplicates, lost]), TARGETS.map(() => [0, 0]));
    await Deno.remove(folder, { recursive: true });
  });
}
