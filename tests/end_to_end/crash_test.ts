/** Accepted means kept: the process ends under load, again and again, and nothing that it accepted is lost. */

import { assert, assertEquals } from "@std/assert";
import { type Counts, countsOf } from "./counts.ts";
import { ServiceProcess } from "./process.ts";
import { ReturningTab } from "./returning_tab.ts";

const ENDS = 20;
const KILLED = 128 + 9;
const PUBLISHERS = 8;
const TARGETS = ["alexander", "burr", "jefferson"];

/** A backend that posts one notification after the other, and repeats with its id what was not answered. */
class Publisher {
  readonly accepted: { readonly target: string | null; readonly n: number }[] = [];
  #posted = 0;

  constructor(readonly name: number) {}

  /** Posts until the service is gone, or stops and says so; tells of each that was accepted, at once. */
  async publish(url: string, { told, isStopping }: { told(): void; isStopping(): boolean }): Promise<void> {
    for (;;) {
      const n = this.#posted * PUBLISHERS + this.name;
      const target = n % 10 === 9 ? null : TARGETS[n % TARGETS.length] ?? null;
      const to = target === null ? { everyone: true } : { target };
      const body = JSON.stringify({ ...to, id: `id-${n}`, data: n });
      const status = await fetch(`${url}/v1/notify`, { method: "POST", body })
        .then((response) => response.text().then(() => response.status), () => null);
      if (status === null || (status === 503 && isStopping())) return;
      assertEquals(status, 202);
      this.accepted.push({ target, n });
      this.#posted++;
      told();
    }
  }
}

function countsOfAll(tabs: readonly ReturningTab[], publishers: readonly Publisher[]): Counts[] {
  const accepted = publishers.flatMap((publisher) => publisher.accepted);
  return TARGETS.map((target) =>
    countsOf(
      tabs.filter((tab) => tab.target === target),
      accepted.filter((one) => (one.target ?? target) === target).map(({ n }) => n),
    )
  );
}

function assertNothingLost(counts: readonly Counts[]): void {
  assertEquals(counts.map(({ duplicates, lost }) => [duplicates, lost]), TARGETS.map(() => [0, 0]));
}

for (
  const [signal, synchronous] of [["SIGKILL", "full"], ["SIGKILL", "normal"], ["SIGTERM", "full"]] as const
) {
  const what = `${ENDS} times ${signal} under load, synchronous=${synchronous}`;
  Deno.test(`The service loses nothing and doubles nothing: ${what}`, async () => {
    const folder = await Deno.makeTempDir();
    const environment = {
      TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=${synchronous}`,
      TIDINGS_RETENTION_PER_TARGET: "1000000",
    };
    const publishers = Array.from({ length: PUBLISHERS }, (_, name) => new Publisher(name));
    const tabs = [...TARGETS, ...TARGETS].map((target) => new ReturningTab(target));
    const starts = new Map<string, string | undefined>();

    for (let end = 1; end <= ENDS; end++) {
      await using service = await ServiceProcess.started(environment, { folder });
      await Promise.all(tabs.map((tab) => tab.connect(service.port)));
      if (end === 1) { for (const { target, position } of tabs) starts.set(target, position); }
      let left = end * 7; // so that some end when they have just begun
      const told = () => --left === 0 && service.signal(signal); // on the very answer to the last accepted one
      const isStopping = () => left <= 0 && signal === "SIGTERM";
      await Promise.all(publishers.map((publisher) => publisher.publish(service.url, { told, isStopping })));
      assert(left <= 0, service.output);
      assertEquals(await service.ended(), signal === "SIGTERM" ? 0 : KILLED);
      await Promise.all(tabs.map((tab) => tab.closed));
      if (signal === "SIGTERM") assertNothingLost(countsOfAll(tabs, publishers)); // before it closes them, tabs have all
    }

    await using service = await ServiceProcess.started(environment, { folder });
    tabs.push(...TARGETS.map((target) => new ReturningTab(target, starts.get(target)))); // and who was away all the time
    await Promise.all(tabs.map((tab) => tab.connect(service.port)));
    await service.notify({ everyone: true, data: "end" });
    await Promise.all(tabs.map((tab) => tab.has("end")));
    await Promise.all(tabs.map((tab) => tab.disconnect()));

    const counts = countsOfAll(tabs, publishers);
    console.log(what);
    console.table(counts);
    assertNothingLost(counts);
    await Deno.remove(folder, { recursive: true });
  });
}
