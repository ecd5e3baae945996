import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Draft, Entry, Feed, Journal, Retention } from "../../../src/journal/journal.ts";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { NatsJournal, type NatsOptions } from "../../../src/journal/nats/nats_journal.ts";
import { ensureStreams } from "../../../src/journal/nats/streams.ts";
import { NatsLink } from "../../../src/nats/link.ts";
import { parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { leaderElected, presence } from "../../../src/nats/subjects.ts";
import { journalContract } from "../../contracts/journal.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { Wire } from "../../nats/wire.ts";

const RETENTION: Retention = { seconds: 3_600, perTarget: 1_000, bytes: 16 * 1024 * 1024 };
const OPTIONS: NatsOptions = {
  stream: "tidings",
  replicas: 1,
  retention: RETENTION,
  watchMs: 20,
  reachable: () => {},
  hear: () => {},
  report: () => {},
};
const ALL = { entries: 10_000, bytes: 16 * 1024 * 1024 };

/** A journal with a server of its own, which ends with it. */
async function made(feed: Feed, retention: Retention, now: () => number): Promise<Journal> {
  const server = await NatsServer.started();
  const link = await server.link();
  const journal = await NatsJournal.open(link, feed, { ...OPTIONS, retention, now });
  const close = journal.close.bind(journal);
  journal.close = async () => {
    await close();
    await link.close();
    await server[Symbol.asyncDispose]();
  };
  return journal;
}

journalContract("NatsJournal", made, test);

/** A node's journal, and what its feed was given. */
class Node implements AsyncDisposable {
  readonly offered: string[] = [];
  readonly torn: (string | null)[] = [];
  readonly reachable: boolean[] = [];
  readonly journal: NatsJournal;
  readonly #link: NatsLink;
  #changed = () => {};

  private constructor(journal: NatsJournal, link: NatsLink) {
    this.journal = journal;
    this.#link = link;
  }

  static async at(
    ports: number | readonly number[],
    { requestMs = 5_000, ...options }: Partial<NatsOptions & { readonly requestMs: number }> = {},
  ): Promise<Node> {
    const place = parseNatsUrl([ports].flat().map((port) => `nats://127.0.0.1:${port}`).join());
    assert(place !== undefined);
    const link = await NatsLink.open(place, { name: "node", retryMs: 5, requestMs, report: () => {} });
    const feed = {
      offer: ({ text }: Entry) => node.#note(node.offered, JSON.parse(text).data),
      gap: (target: string | null) => void node.#note(node.torn, target),
    };
    const reachable = (is: boolean) => void node.#note(node.reachable, is);
    const opening = NatsJournal.open(link, feed, { ...OPTIONS, ...options, reachable });
    const journal = await opening.catch((error) => link.close().then(() => Promise.reject(error)));
    const node = new Node(journal, link);
    return node;
  }

  /** Resolves when it is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#changed = resolve);
  }

  async append(...targets: (string | null)[]): Promise<string[]> {
    const drafts = targets.map((target) => draft(target));
    for (const { outcome } of await this.journal.append(drafts)) assertEquals(outcome, "kept");
    return drafts.map(({ data }) => JSON.parse(data));
  }

  /** What a tab that was last here gets. */
  async read(target: string, after: string): Promise<unknown[]> {
    const { entries, complete } = await this.journal.read(target, after, ALL);
    assert(complete);
    return entries.map(({ text }) => JSON.parse(text).data);
  }

  async head(): Promise<string> {
    return (await this.journal.read("anyone", null, ALL)).next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journal.close();
    await this.#link.close();
  }

  #note<T>(list: T[], value: T): boolean {
    list.push(value);
    this.#changed();
    return true;
  }
}

/** Asks until it is available. */
async function available<T>(asked: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await asked().catch((error) => {
      assert(error instanceof UnavailableError, error);
      return null;
    });
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The server that leads the stream, which is made for that. */
async function leaderOfNew(cluster: NatsCluster): Promise<NatsServer> {
  await using link = await cluster.servers[0]?.link();
  assert(link !== undefined);
  await ensureStreams(link, { ...OPTIONS, replicas: 3 });
  return await cluster.leaderOf("tidings");
}

/** Resolves when a notification is in the stream: what came over a line that broke is taken a moment later. */
async function holdsSome(server: NatsServer): Promise<void> {
  await using link = await server.link();
  while ((await link.manager.streams.info("tidings")).state.messages < 2); // the first is a mark
}

let drafts = 0;

function draft(target: string | null, more: Partial<Draft> = {}): Draft {
  const id = `n${++drafts}`;
  return { id, target, data: `"${id}"`, ttl: null, topic: null, urgency: null, digest: null, ...more };
}

test("NatsJournal finds what was missed last while its line was broken, and nothing else is torn", async () => {
  await using server = await NatsServer.started();
  await using wire = new Wire(server.port);
  await using cut = await Node.at(wire.port);
  await using other = await Node.at(server.port);
  for (const target of ["alexander", "burr", "silent"]) await cut.journal.follow(target);
  const start = await other.head();
  const before = await other.append("alexander", "burr", "silent");
  await cut.until(() => cut.offered.length === 3);
  wire.cut("broken");
  await cut.until(() => cut.reachable.at(-1) === false);
  await assertRejects(() => cut.journal.append([draft("burr")]), UnavailableError);
  await assertRejects(() => cut.journal.read("burr", start, ALL), UnavailableError);
  await assertRejects(() => cut.journal.follow("jefferson"), UnavailableError);
  const [missed] = await other.append("alexander");
  wire.heal();
  await cut.until(() => cut.reachable.at(-1) === true);
  assertEquals(cut.torn, ["alexander"]);
  assertEquals(await cut.read("alexander", start), [before[0], missed]);
  const [next] = await other.append("alexander");
  await cut.until(() => cut.offered.at(-1) === next);
  assertEquals(cut.torn, ["alexander"], "it is told once");
});

for (const [missing, later] of [["alexander", null], [null, "alexander"]] as const) {
  const [missingName, laterName] = [missing, later].map((target) => target ?? "everyone");
  test(`NatsJournal offers nothing later for ${laterName} before it has found what ${missingName} missed`, async () => {
    await using server = await NatsServer.started();
    await using wire = new Wire(server.port);
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    await using cut = await Node.at(wire.port, { hear: () => resolve() });
    await using other = await Node.at(server.port);
    await using link = await server.link();
    await cut.journal.follow("alexander");
    const start = await other.head();
    wire.cut("broken");
    await cut.until(() => cut.reachable.at(-1) === false);
    const missed = await other.append(missing);
    await link.manager.streams.delete("tidings-ids"); // until it is back, nothing is looked for
    wire.heal();
    await available(() => cut.journal.follow("burr").then(() => true));
    const passed = await other.append(later);
    link.connection.publish(presence("tidings", "alexander"));
    await heard; // so that has come
    assertEquals([cut.offered, cut.torn], [[], []]);
    await ensureStreams(link, OPTIONS);
    await cut.until(() => cut.reachable.at(-1) === true);
    assertEquals(new Set(cut.torn), new Set([missing, later]));
    assertEquals(await cut.read("alexander", start), [...missed, ...passed]);
    const next = await other.append("alexander", null);
    await cut.until(() => cut.offered.length === 2);
    assertEquals(cut.offered, next);
  });
}

test("NatsJournal offers nothing of a new leader before it has found what the old one did not send", async () => {
  await using server = await NatsServer.started();
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  await using node = await Node.at(server.port, { hear: () => resolve() });
  await using link = await server.link();
  await node.journal.follow("alexander");
  await link.manager.streams.delete("tidings-ids"); // until it is back, nothing is looked for
  link.connection.publish(leaderElected("tidings")); // as the next test has it of a real one
  await link.connection.flush();
  await node.append(null);
  link.connection.publish(presence("tidings", "alexander"));
  await heard; // so that has come
  assertEquals([node.offered, node.torn], [[], []]);
  await ensureStreams(link, OPTIONS);
  await node.until(() => node.torn.length > 0);
  assertEquals([node.offered, node.torn], [[], [null]]);
});

test("NatsJournal is told by a real server of a new leader before what that one sends", async () => {
  await using cluster = await NatsCluster.started();
  await using node = await Node.at(cluster.servers.map(({ port }) => port), { replicas: 3 });
  await using link = await cluster.servers[0]?.link();
  assert(link !== undefined);
  const came: string[] = [];
  for (const subject of [leaderElected("tidings"), "tidings.out.>"]) {
    link.connection.subscribe(subject, { callback: (_, message) => void came.push(message.subject) });
  }
  await link.connection.flush();
  await link.connection.request("$JS.API.STREAM.LEADER.STEPDOWN.tidings");
  await available(() => node.append("alexander"));
  while (came.length < 2) await link.connection.flush();
  assertEquals(came[0], leaderElected("tidings"));
});

test("NatsJournal finds what was lost with a route between two servers, though it is there again at once", async () => {
  await using cluster = await NatsCluster.wired();
  await leaderOfNew(cluster);
  const leader = await cluster.leadsNotFirst("tidings");
  const follower = cluster.servers.slice(1).find((server) => server !== leader);
  assert(follower !== undefined);
  await using publisher = await Node.at(leader.port, { replicas: 3 });
  await using cut = await Node.at(follower.port, { replicas: 3, watchMs: 1_000 });
  for (const target of ["alexander", "silent"]) await cut.journal.follow(target);
  const start = await cut.head();
  const lost = await (async () => {
    using _cut = cluster.cutRoute();
    return await publisher.append("alexander");
  })();
  await cut.until(() => cut.torn.length > 0);
  assertEquals([cut.torn, cut.offered], [["alexander"], []]);
  assertEquals(await available(() => cut.read("alexander", start)), lost);
});

test("NatsJournal reads all that was stored, also while a server that has the stream lags behind", async () => {
  await using cluster = await NatsCluster.started();
  const leader = await leaderOfNew(cluster);
  const lagging = cluster.servers.find((server) => server !== leader);
  await using node = await Node.at(leader.port, { replicas: 3 });
  const filler = "x".repeat(5_000); // a megabyte is on its way to the one that lags when it is asked
  for (let round = 0; round < 12; round++) {
    const start = await node.head();
    const drafts = Array.from({ length: 200 }, (_, n) => draft("alexander", { data: `"${n} ${filler}"` }));
    lagging?.signal("SIGSTOP");
    await node.journal.append(drafts);
    const reading = available(() => node.read("alexander", start));
    lagging?.signal("SIGCONT");
    assertEquals((await reading).length, drafts.length);
  }
});

test("NatsJournal gives up what it was asked as soon as its line breaks", async () => {
  await using server = await NatsServer.started();
  await using wire = new Wire(server.port);
  await using node = await Node.at(wire.port, { requestMs: 60_000 });
  const start = await node.head();
  await node.append("alexander");
  wire.cut("silent");
  const asked = [
    () => node.journal.read("alexander", start, ALL),
    () => node.journal.append([draft("alexander")]),
    () => node.journal.follow("alexander"),
  ];
  const refused = asked.map((ask) => assertRejects(ask, UnavailableError));
  wire.cut("broken");
  await Promise.all(refused);
});

test("NatsJournal follows a target when the leader has acked what goes the way of the subscription", async () => {
  await using server = await NatsServer.started();
  await using node = await Node.at(server.port);
  await using link = await server.link();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  link.connection.subscribe("tidings.mark.*", { callback: () => resolve() });
  await link.connection.flush();
  await Promise.all([node.journal.follow("alexander"), asked]);
});

test("NatsJournal opens when its server has heard of the stream, which may have been made just now", async () => {
  await using server = await NatsServer.started();
  await using link = await server.link();
  const { jetstream } = link;
  const publish = jetstream.publish.bind(jetstream);
  let unheard = 2;
  jetstream.publish = (subject, ...args) => publish(unheard-- > 0 ? `not.yet.${subject}` : subject, ...args);
  const journal = await NatsJournal.open(link, { offer: () => true, gap: () => {} }, OPTIONS);
  assert(unheard < 0);
  await journal.close();
});

test("NatsJournal knows everyone to be torn by what everyone missed", async () => {
  await using server = await NatsServer.started();
  await using wire = new Wire(server.port);
  await using cut = await Node.at(wire.port);
  await using other = await Node.at(server.port);
  wire.cut("broken");
  await cut.until(() => cut.reachable.at(-1) === false);
  await other.append(null);
  wire.heal();
  await cut.until(() => cut.reachable.at(-1) === true);
  assertEquals(cut.torn, [null]);
});

test("NatsJournal keeps each of an array once, if NATS ends in the middle of it and it is repeated", async () => {
  await using server = await NatsServer.started();
  await using wire = new Wire(server.port);
  await using node = await Node.at(wire.port);
  const start = await node.head();
  const filler = "x".repeat(10_000);
  const drafts = Array.from({ length: 500 }, (_, n) => (
    draft("alexander", { data: `{"n":${n},"filler":"${filler}"}`, digest: "d" })
  ));
  wire.breakAfter(2_500_000); // their ids have 200 kB, and they 5 MB
  await assertRejects(() => node.journal.append(drafts), UnavailableError);
  await holdsSome(server);
  await server.stop();
  await server.start();
  wire.heal();
  await node.until(() => node.reachable.at(-1) === true);
  const receipts = await node.journal.append(drafts);
  assertEquals(new Set(receipts.map(({ outcome }) => outcome)), new Set(["kept", "repeated"]));
  const { entries } = await node.journal.read("alexander", start, ALL);
  const numbers = entries.map(({ text }) => JSON.parse(text).data.n);
  assertEquals(numbers.toSorted((a, b) => a - b), drafts.map((_, n) => n));
});

test("NatsJournal says in what a stream that is there does not fit", async () => {
  await using server = await NatsServer.started();
  await (await Node.at(server.port))[Symbol.asyncDispose]();
  const retention = { ...RETENTION, seconds: 60, perTarget: 5 };
  const error = await assertRejects(() => Node.at(server.port, { retention }), StreamMismatchError);
  assert(error instanceof Error);
  for (
    const part of [
      "the stream tidings",
      "max_age is 3600 s, and 60 s",
      "max_msgs_per_subject is 1001, and 6",
    ]
  ) {
    assert(error.message.includes(part), error.message);
  }
});

test("NatsJournal has all read again when the stream is another one", async () => {
  await using server = await NatsServer.started();
  await using node = await Node.at(server.port);
  await node.journal.follow("alexander");
  await node.append("alexander");
  const start = await node.head();
  await using link = await server.link();
  await link.manager.streams.delete("tidings");
  await node.until(() => node.reachable.at(-1) === false);
  await assertRejects(() => node.journal.append([draft("alexander")]), UnavailableError);
  await (await Node.at(server.port))[Symbol.asyncDispose]();
  await node.until(() => node.reachable.at(-1) === true);
  assertEquals(node.torn, [null]);
  assertEquals((await node.journal.read("alexander", start, ALL)).complete, false);
  const [data] = await node.append("alexander");
  await node.until(() => node.offered.at(-1) === data);
});

test("NatsJournal notes the topics of a target, and gives the newest of each", async () => {
  await using server = await NatsServer.started();
  await using node = await Node.at(server.port, { retention: { ...RETENTION, perTarget: 3 } });
  const start = await node.head();
  const append = (...topics: string[]) =>
    node.journal.append(topics.map((topic) => draft("alexander", { topic, data: `"${topic}"` })));
  await append("a", "b", "a", "c");
  assertEquals(await node.read("alexander", start), ["b", "a", "c"]);
  await append("d");
  const page = await node.journal.read("alexander", start, ALL);
  assertEquals([page.entries.length, page.complete], [3, false], "there is room for three");
});

test("NatsJournal gives a notification with a topic as long as it has it, whatever else it has to remember", async () => {
  await using server = await NatsServer.started();
  await using node = await Node.at(server.port, { retention: { ...RETENTION, bytes: 1024 * 1024 } });
  await using link = await server.link();
  const start = await node.head();
  const filler = (count: number) =>
    node.journal.append(Array.from({ length: count }, (_, n) => draft(`t${n}`, { digest: "d" })));
  const put = (data: string) => node.journal.append([draft("alexander", { topic: "duel", data })]);
  const given = async () => {
    const { entries, complete } = await node.journal.read("alexander", start, ALL);
    return [entries.map(({ text }) => JSON.parse(text).data), complete];
  };
  await put('"first"');
  await filler(1_500);
  const [second] = await put('"second"');
  assert(second?.outcome === "kept");
  const place = parseInt(second.position.split("-")[1] ?? "", 36);
  for (;;) {
    const [data, complete] = await given();
    const { state } = await link.manager.streams.info("tidings");
    if (state.first_seq > place) break;
    assertEquals(data, ["second"], `complete: ${complete}`);
    await filler(200);
  }
  assertEquals(await given(), [[], false]);
});

test("NatsJournal refuses a topic for which there is no room, and keeps what has none", async () => {
  await using server = await NatsServer.started();
  await using node = await Node.at(server.port, { retention: { ...RETENTION, bytes: 32 * 1024 } });
  const put = (n: number) => node.journal.append([draft(`t${n}`, { topic: "duel" })]);
  const { cause } = await assertRejects(async () => {
    for (let n = 0;; n++) await put(n);
  }, UnavailableError);
  assert(`${cause}`.includes("maximum bytes"), `${cause}`);
  await node.append("alexander");
});

test("NatsJournal notes no topic for longer than something may be kept of it", async () => {
  await using server = await NatsServer.started();
  let now = Date.now();
  await using node = await Node.at(server.port, {
    retention: { ...RETENTION, perTarget: 2 },
    now: () => now,
  });
  const put = (topic: string) => node.journal.append([draft("alexander", { topic, data: `"${topic}"` })]);
  const [first] = await put("a");
  assert(first?.outcome === "kept");
  now += RETENTION.seconds * 1_000;
  await put("b");
  assertEquals(await node.read("alexander", first.position), ["b"]);
  now += RETENTION.seconds * 1_000 - 1;
  await put("b"); // of which that is not over
  now += 1;
  await put("c");
  assertEquals(await node.read("alexander", first.position), ["b", "c"], "there is room for two");
});

test("NatsJournal replays more than a few by a consumer, in order with everyone's", async () => {
  await using server = await NatsServer.started();
  await using node = await Node.at(server.port);
  const start = await node.head();
  const targets = Array.from(
    { length: 900 },
    (_, n) => n % 3 === 0 ? null : n % 3 === 1 ? "alexander" : "burr",
  );
  const all = await node.append(...targets);
  assertEquals(await node.read("alexander", start), all.filter((_, n) => targets[n] !== "burr"));
  await using link = await server.link();
  const { state } = await link.manager.streams.info("tidings");
  assertEquals(state.consumer_count, 0);
});

test("NatsJournal on three servers loses nothing that it has answered for when their leader is killed", async () => {
  await using cluster = await NatsCluster.started();
  const ports = cluster.servers.map(({ port }) => port);
  await using publisher = await Node.at(ports, { replicas: 3, requestMs: 500 });
  const leader = await cluster.leaderOf("tidings");
  await using node = await Node.at(ports.filter((port) => port !== leader.port), {
    replicas: 3,
    requestMs: 500,
  });
  await node.journal.follow("alexander");
  const start = await node.head();
  const accepted: string[] = [];
  const publish = async (count: number) => {
    for (let left = count; left > 0;) {
      const one = draft("alexander", { digest: "d" });
      const kept = await publisher.journal.append([one]).catch((error) =>
        assert(error instanceof UnavailableError)
      );
      if (kept === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      else left -= accepted.push(JSON.parse(one.data)) > 0 ? 1 : 0;
    }
  };
  await publish(20);
  await leader.stop();
  await publish(20);
  await node.until(() => node.offered.at(-1) === accepted.at(-1) || node.torn.length > 0);
  const read = await available(() => node.read("alexander", start));
  assertEquals(accepted.filter((one) => !read.includes(one)), []);
  assertEquals(new Set(read).size, read.length);
});
