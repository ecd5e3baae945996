/**
 * Measures an outbox table: rows a second, and the time from the commit of a row to its arrival at a tab. PostgreSQL (with
 * fsync), the node (with an SQLite file, flushed) and the load share all cores of the machine.
 *
 * `deno run -A tests/bench/outbox.ts [ROUNDS]`
 */

import { assert } from "@std/assert";
import type { PostgresLink } from "../../src/postgres/link.ts";
import { ServiceProcess } from "../end_to_end/service_process.ts";
import { eventually } from "../eventually.ts";
import { PostgresServer } from "../postgres/postgres_server.ts";
import { median, percentiles } from "./load/percentiles.ts";
import { OutboxTabs } from "./load/outbox_tabs.ts";

const TARGETS = 20;
const WRITERS = 8;
const BACKLOG = 50_000;
/** Sustained writes: a transaction of ten rows, as often as it makes this many rows a second. */
const SUSTAINED = { rowsPerSecond: 5_000, rowsPerCommit: 10, seconds: 8 };
/** Single rows, each in a transaction of its own. */
const SINGLE = { rowsPerSecond: 500, rowsPerCommit: 1, seconds: 8 };
const INSERT = `insert into tidings_outbox (notification)
  select json_build_object('target', 'target ' || n % ${TARGETS}, 'data', $1::text || ' and some text, as in an order')
  from generate_series(1, $2::int) as n`;

const rounds = Number(Deno.args[0] ?? 3);
assert(Number.isInteger(rounds) && rounds > 0, "usage: deno run -A tests/bench/outbox.ts [ROUNDS]");
const measured: Readonly<Record<string, number>>[] = [];
for (let round = 0; round < rounds; round++) {
  const [load = NaN] = Deno.loadavg();
  measured.push({ "load of the machine before": load, ...await measure() });
}
const names = Object.keys(measured[0] ?? {});
console.table(Object.fromEntries(names.map((name) => {
  const values = measured.map((figures) => figures[name] ?? NaN);
  return [name, { median: round(median(values)), all: values.map(round).join(", ") }];
})));

async function measure(): Promise<Record<string, number>> {
  await using server = await PostgresServer.started({ config: "fsync = on\nshared_buffers = 128MB" });
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db`, TIDINGS_OUTBOX: server.address() };
  const links = await Promise.all(Array.from({ length: WRITERS }, () => server.link()));
  await links[0]?.query(INSERT, ["0", `${BACKLOG}`]);
  const start = performance.now();
  await using service = await ServiceProcess.start(environment, { folder });
  const tabs = await OutboxTabs.open(service.port, TARGETS);
  await eventually(async () => (await links[0]?.query("select from tidings_outbox limit 1"))?.length === 0);
  const backlogSeconds = (performance.now() - start) / 1_000;
  const sustained = await write(links, { tabs, ...SUSTAINED });
  const single = await write(links, { tabs, ...SINGLE });
  tabs.close();
  await Promise.all(links.map((link) => link.close()));
  await service[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
  return {
    "rows/s, a backlog, with the start of the node": BACKLOG / backlogSeconds,
    "rows/s, written meanwhile, ten a commit": sustained.perSecond,
    "p99 ms from commit to tab": sustained.ofCommit[1] ?? NaN,
    "rows/s, written meanwhile, one a commit": single.perSecond,
    "p50 ms from commit to tab, one a commit": single.ofCommit[0] ?? NaN,
    "p99 ms from commit to tab, one a commit": single.ofCommit[1] ?? NaN,
    "p99 ms from insert to tab, one a commit": single.ofInsert[1] ?? NaN,
  };
}

/**
 * Inserts rows at a rate, on the links in turn, and resolves when the tabs have all of them. Latencies count from the
 * database's answer to the commit, and from when the insert was sent.
 */
async function write(
  links: readonly PostgresLink[],
  { tabs, rowsPerSecond, rowsPerCommit, seconds }: typeof SINGLE & { tabs: OutboxTabs },
): Promise<{ perSecond: number; ofCommit: readonly number[]; ofInsert: readonly number[] }> {
  const arrivals = tabs.arrivals(), commits = rowsPerSecond * seconds / rowsPerCommit;
  const sent: number[] = [], committed: number[] = [], writing: Promise<unknown>[] = [];
  const start = performance.now();
  for (let commit = 0; commit < commits; commit++) {
    const due = start + 1_000 * commit * rowsPerCommit / rowsPerSecond - performance.now();
    if (due > 1) await new Promise((resolve) => setTimeout(resolve, due));
    sent.push(performance.now());
    const inserting = links[commit % links.length]?.query(INSERT, [`${commit}`, `${rowsPerCommit}`]);
    writing.push(Promise.resolve(inserting).then(() => committed[commit] = performance.now()));
  }
  await Promise.all(writing);
  await eventually(() => arrivals.length >= commits * rowsPerCommit, "the delivery of all rows");
  const elapsed = (performance.now() - start) / 1_000;
  const since = (times: readonly number[]) =>
    percentiles(arrivals.map(({ commit, at }) => Math.max(0, at - (times[commit] ?? NaN))), [50, 99]);
  return { perSecond: arrivals.length / elapsed, ofCommit: since(committed), ofInsert: since(sent) };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
