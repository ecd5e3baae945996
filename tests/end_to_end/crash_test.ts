/** Tests that the service loses nothing it has accepted when its process ends under load. */

import { assert, assertEquals } from "@std/assert";
import { type Counts, countsOf } from "./counts.ts";
import { isReadBy, Marker } from "./marker.ts";
import { ServiceProcess } from "./service_process.ts";
import { ReturningTab } from "./returning_tab.ts";

const RUNS = 20;
const KILLED = 128 + 9; // the exit code after SIGKILL
const PUBLISHERS = 8;
const TARGETS = ["alexander", "burr", "jefferson"];

/**
 * A publisher that posts one notification after the other, and repeats an unanswered one with the same id.
 */
class Publisher {
  readonly accepted: { readonly target: string | null; readonly n: number }[] = [];
  #posted = 0;

  constructor(readonly name: number) {}

  /** Posts until the service is gone or refuses because it stops. `onAccepted` runs on each 202. */
  async publish(
    url: string,
    { onAccepted, isStopping }: { onAccepted(): void; isStopping(): boolean },
  ): Promise<void> {
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
      onAccepted();
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
  const scenario = `${RUNS} times ${signal} under load, synchronous=${synchronous}`;
  Deno.test(`The service loses nothing and duplicates nothing: ${scenario}`, async () => {
    const folder = await Deno.makeTempDir();
    const environment = {
      TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=${synchronous}`,
      TIDINGS_RETENTION_PER_TARGET: "1000000",
    };
    const publishers = Array.from({ length: PUBLISHERS }, (_, name) => new Publisher(name));
    const tabs = [...TARGETS, ...TARGETS].map((target) => new ReturningTab(target));
    const markers = tabs.slice(0, TARGETS.length).map((tab) => new Marker(tab));
    const starts = new Map<string, string | undefined>();

    for (let run = 1; run <= RUNS; run++) {
      await using service = await ServiceProcess.start(environment, { folder });
      await Promise.all(tabs.map((tab) => tab.connect(service.port)));
      if (run === 1) { for (const { target, position } of tabs) starts.set(target, position); }
      let left = run * 7; // so that the first runs end soon after their start
      // The signal follows the answer to the last accepted notification at once.
      const onAccepted = () => --left === 0 && service.signal(signal);
      const isStopping = () => left <= 0 && signal === "SIGTERM";
      await Promise.all(
        publishers.map((publisher) => publisher.publish(service.url, { onAccepted, isStopping })),
      );
      assert(left <= 0, service.output);
      assertEquals(await service.exited(), signal === "SIGTERM" ? 0 : KILLED);
      await Promise.all(tabs.map((tab) => tab.closed));
      // It delivers everything before it closes.
      if (signal === "SIGTERM") assertNothingLost(countsOfAll(tabs, publishers));
    }

    await using service = await ServiceProcess.start(environment, { folder });
    // These tabs were away the whole time.
    const returned = TARGETS.map((target) => new ReturningTab(target, starts.get(target)));
    tabs.push(...returned);
    const marked = markers.map(({ confirmed }) => [...confirmed]);
    await Promise.all(tabs.map((tab) => tab.connect(service.port)));
    await service.notify({ everyone: true, data: "end" });
    await Promise.all(tabs.map((tab) => tab.waitFor("end")));
    await Promise.all(tabs.map((tab) => tab.disconnect()));

    const counts = countsOfAll(tabs, publishers);
    console.log(scenario);
    console.table(counts);
    assertNothingLost(counts);
    const unmarked = returned.map((tab, n) => marked[n]?.filter((position) => !isReadBy(tab.mark, position)));
    console.log(`marked as read: ${marked.map(({ length }) => length).join(", ")}`);
    assert(marked.every(({ length }) => length > 0));
    assertEquals(unmarked, TARGETS.map(() => []));
    await Deno.remove(folder, { recursive: true });
  });
}
