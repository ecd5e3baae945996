/** Tests that publishers' sockets deliver each notification once although the service is killed again and again. */

import { assertEquals } from "@std/assert";
import { publisher } from "../../src/client/publisher/publisher.ts";
import { countsOf } from "./counts.ts";
import { ReturningTab } from "./returning_tab.ts";
import { ServiceProcess } from "./service_process.ts";

const RUNS = 20;
const PUBLISHERS = 4;
/** Calls that each publisher has made and that are not answered. */
const UNANSWERED = 25;
const TARGETS = ["alexander", "burr", "jefferson"];

/** Publishes numbers until it is told to end. */
class Flood {
  /** The numbers by target, or for everyone. */
  readonly accepted: { readonly target: string | null; readonly n: number }[] = [];
  isOver = false;
  #next = 0;

  constructor(readonly name: number, readonly url: string) {}

  async run(onAccepted: () => void): Promise<void> {
    await using tidings = publisher(this.url);
    await Promise.all(Array.from({ length: UNANSWERED }, async () => {
      while (!this.isOver) {
        const n = this.#next++ * PUBLISHERS + this.name;
        const target = n % 10 === 9 ? null : TARGETS[n % TARGETS.length] ?? null;
        await tidings.notify({ ...target === null ? { everyone: true } : { target }, data: n });
        this.accepted.push({ target, n });
        onAccepted();
      }
    }));
  }
}

Deno.test(`The service delivers what publishers' sockets repeat once: ${RUNS} times SIGKILL under load`, async () => {
  const folder = await Deno.makeTempDir();
  const environment = {
    TIDINGS_JOURNAL: `sqlite:${folder}/j.db`,
    TIDINGS_RETENTION_PER_TARGET: "1000000",
    PORT: "0",
  };
  let service = await ServiceProcess.start(environment, { folder });
  environment.PORT = `${service.port}`;
  const tabs = TARGETS.map((target) => new ReturningTab(target));
  await Promise.all(tabs.map((tab) => tab.connect(service.port)));
  let left = Infinity, onKill = () => {};
  const floods = Array.from({ length: PUBLISHERS }, (_, name) => new Flood(name, service.url));
  const running = floods.map((flood) => flood.run(() => --left === 0 && onKill()));
  for (let run = 1; run <= RUNS; run++) {
    const killed = new Promise<void>((resolve) => onKill = resolve);
    left = run * 7; // so that the first runs end soon after their start
    await killed;
    service.signal("SIGKILL"); // at once after an answer, while others are on their way
    await service.exited();
    await Promise.all(tabs.map((tab) => tab.closed));
    service = await ServiceProcess.start(environment, { folder });
    await Promise.all(tabs.map((tab) => tab.connect(service.port)));
  }
  for (const flood of floods) flood.isOver = true;
  await Promise.all(running);
  await service.notify({ everyone: true, data: "end" });
  await Promise.all(tabs.map((tab) => tab.waitFor("end")));
  await Promise.all(tabs.map((tab) => tab.disconnect()));
  const all = floods.flatMap(({ accepted }) => accepted);
  const counts = tabs.map((tab) =>
    countsOf([tab], all.filter(({ target }) => (target ?? tab.target) === tab.target).map(({ n }) => n))
  );
  console.table(counts);
  assertEquals(counts.map(({ duplicates, lost }) => [duplicates, lost]), TARGETS.map(() => [0, 0]));
  const numbers = tabs.map(({ received }) => new Set(received.map(({ data }) => data)).size - 1); // without the end
  assertEquals(numbers, counts.map(({ accepted }) => accepted), "nothing came that was never accepted");
  await service[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});
