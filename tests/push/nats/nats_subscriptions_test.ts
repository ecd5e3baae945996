/** NatsSubscriptions fulfils the contract, and several nodes with one stream agree on whose an endpoint is. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { headers } from "@nats-io/nats-core";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { setChecksum } from "../../../src/nats/checksum.ts";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { encodeToken } from "../../../src/nats/subjects.ts";
import type {
  NatsSubscriptions,
  NatsSubscriptionsOptions,
} from "../../../src/push/nats/nats_subscriptions.ts";
import { browser, browsersOf, endpointOf, subscriptionsContract } from "../../contracts/subscriptions.ts";
import { eventually } from "../../eventually.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { STREAM, SubscriptionNodes } from "./subscription_nodes.ts";

const LIST_OF_ALEXANDER = `tidings.push.target.${encodeToken("alexander")}`;

subscriptionsContract("NatsSubscriptions", async (options) => {
  const server = await NatsServer.started(), nodes = new SubscriptionNodes();
  const subscriptions = await nodes.open(server, options);
  const close = () => nodes[Symbol.asyncDispose]().then(() => server[Symbol.asyncDispose]());
  return { subscriptions, [Symbol.asyncDispose]: close };
}, test);

/** The names of the targets that have this browser, by what each node says. */
async function ownersOf(
  name: string,
  { nodes, targets }: { nodes: readonly NatsSubscriptions[]; targets: readonly string[] },
): Promise<string[][]> {
  return await Promise.all(nodes.map(async (node) => {
    const names = await Promise.all(targets.map((target) => browsersOf(node, target)));
    return targets.filter((_, index) => names[index]?.includes(name));
  }));
}

/** Runs with two nodes over one server, and again with two over a cluster of three that all store the stream. */
function testOnTwoNodes(
  behaviour: string,
  run: (one: NatsSubscriptions, other: NatsSubscriptions) => Promise<void>,
  options: Partial<NatsSubscriptionsOptions> = {},
): void {
  test(`${behaviour}, with one server`, async () => {
    await using server = await NatsServer.started();
    await using nodes = new SubscriptionNodes();
    await run(await nodes.open(server, options), await nodes.open(server, options));
  });
  test(`${behaviour}, with three servers`, async () => {
    await using cluster = await NatsCluster.started();
    await using nodes = new SubscriptionNodes();
    const [, second, third] = cluster.servers;
    assert(second !== undefined && third !== undefined);
    const own = { ...options, replicas: 3 };
    await run(await nodes.open(second, own), await nodes.open(third, own));
  });
}

testOnTwoNodes(
  "NatsSubscriptions gives an endpoint to one of two targets that add it at once on two nodes",
  async (one, other) => {
    const nodes = [one, other], targets = ["alexander", "eliza"];
    for (let round = 0; round < 40; round++) {
      const name = `b${round % 3}`;
      await Promise.all([one.add(browser(name, "alexander")), other.add(browser(name, "eliza"))]);
      const [first = [], second = []] = await ownersOf(name, { nodes, targets });
      assertEquals([first.length, first], [1, second]);
    }
  },
);

testOnTwoNodes(
  "NatsSubscriptions loses none of the subscriptions that two nodes add for one target at once",
  async (one, other) => {
    for (let round = 0; round < 10; round++) {
      const target = `target ${round}`, names = Array.from({ length: 8 }, (_, n) => `${round}.${n}`);
      await Promise.all(names.map((name, n) => (n % 2 === 0 ? one : other).add(browser(name, target))));
      assertEquals((await browsersOf(one, target)).toSorted(), names);
      assertEquals(await browsersOf(other, target), await browsersOf(one, target));
    }
  },
);

testOnTwoNodes(
  "NatsSubscriptions keeps what is added again while it is dropped, moved, renewed and removed",
  async (one, other) => {
    const filler = Array.from({ length: 10 }, (_, n) => `f${n}`);
    for (let round = 0; round < 10; round++) {
      const target = `target ${round}`, name = `${round}.own`;
      const id = await one.add(browser(name, target));
      for (const other of filler) await one.add(browser(`${round}.${other}`, target)); // the next one drops the oldest
      await Promise.all([
        one.add(browser(name, target)),
        other.add(browser(`${round}.new`, target)),
        other.add(browser(`${round}.f3`, target)),
        other.remove(id, target),
        one.renew(browser(`${round}.f4`, ""), browser(`${round}.renewed`, "")),
        other.add(browser(`${round}.f5`, "eliza")),
      ]);
      await one.add(browser(name, target));
      const names = await browsersOf(other, target);
      assert(names.length <= 10, names.join());
      for (const expected of [name, `${round}.new`, `${round}.f3`]) {
        assert(
          names.includes(expected),
          names.join(),
        );
      }
      assert(!names.includes(`${round}.f4`) && !names.includes(`${round}.f5`), names.join());
    }
  },
);

testOnTwoNodes(
  "NatsSubscriptions renews on one node while another user of the browser subscribes on the other",
  async (one, other) => {
    const nodes = [one, other], targets = ["alexander", "eliza"];
    for (let round = 0; round < 20; round++) {
      const old = `${round}.old`, next = `${round}.next`;
      await one.add(browser(old, "alexander"));
      const [renewed] = await Promise.all([
        one.renew(browser(old, ""), browser(next, "")),
        other.add(browser(next, "eliza")),
      ]);
      assert(renewed !== null);
      assertEquals(await ownersOf(next, { nodes, targets }), [["eliza"], ["eliza"]]);
      assertEquals(await ownersOf(old, { nodes, targets }), [[], []]);
    }
  },
);

testOnTwoNodes(
  "NatsSubscriptions does not forget on one node what is added again on the other",
  async (one, other) => {
    for (let round = 0; round < 20; round++) {
      const name = `${round}`;
      await one.add(browser(name, "alexander", { auth: "before" }));
      const read = await one.of("alexander");
      await Promise.all([...read.map((gone) => one.forget(gone)), other.add(browser(name, "alexander"))]);
      assertEquals(await browsersOf(one, "alexander"), [name]);
      await other.remove((await one.of("alexander"))[0]?.id ?? "", "alexander");
    }
  },
);

test("NatsSubscriptions renews for the target to which another node moves the endpoint in the middle of it", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  const one = await nodes.open(server), other = await nodes.open(server);
  await one.add(browser("old", "alexander"));
  nodes.beforeDeletion(() => other.add(browser("old", "eliza")));
  assert(await one.renew(browser("old", ""), browser("next", "")) !== null);
  assertEquals(await browsersOf(one, "eliza"), ["next"]);
  assertEquals(await browsersOf(one, "alexander"), []);
});

test("NatsSubscriptions does not remove what another node moves to another target in the middle of it", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  const one = await nodes.open(server), other = await nodes.open(server);
  const id = await one.add(browser("phone", "alexander"));
  nodes.beforeDeletion(() => other.add(browser("phone", "eliza")));
  assertEquals(await one.remove(id, "alexander"), false);
  assertEquals(await browsersOf(one, "eliza"), ["phone"]);
});

test("NatsSubscriptions leaves nothing in the stream of what is removed, forgotten, dropped or renewed", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const subscriptions = await nodes.open(server);
  const count = async () => (await link.manager.streams.info(STREAM)).state.messages;
  for (let n = 0; n < 15; n++) await subscriptions.add(browser(`${n}`, "alexander"));
  assertEquals(await count(), 11);
  await subscriptions.renew(browser("14", ""), browser("new", ""));
  await subscriptions.add(browser("13", "eliza"));
  assertEquals(await count(), 12);
  for (const target of ["alexander", "eliza"]) {
    for (const [index, one] of (await subscriptions.of(target)).entries()) {
      if (index % 2 === 0) await subscriptions.forget(one);
      else await subscriptions.remove(one.id, target);
    }
  }
  assertEquals(await count(), 0);
});

test("NatsSubscriptions changes nothing in the stream when the newest subscription is added again", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const subscriptions = await nodes.open(server);
  const last = async () => (await link.manager.streams.info(STREAM)).state.last_seq;
  await subscriptions.add(browser("phone", "alexander"));
  const before = await last();
  await subscriptions.add(browser("phone", "alexander"));
  assertEquals(await last(), before);
});

test("NatsSubscriptions heals what a node left that ended between the record and the list", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const subscriptions = await nodes.open(server);
  await subscriptions.add(browser("phone", "alexander"));
  const list = await link.manager.streams.getMessage(STREAM, { last_by_subj: LIST_OF_ALEXANDER });
  assert(list !== null);
  await link.manager.streams.deleteMessage(STREAM, list.seq);
  assertEquals(await subscriptions.of("alexander"), []);
  await subscriptions.add(browser("phone", "alexander"));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["phone"]);
});

test("NatsSubscriptions drops what is another target's before the oldest, if a list still has it", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const subscriptions = await nodes.open(server);
  for (let n = 0; n < 10; n++) await subscriptions.add(browser(`${n}`, "alexander"));
  const list = await link.manager.streams.getMessage(STREAM, { last_by_subj: LIST_OF_ALEXANDER });
  assert(list !== null);
  await subscriptions.add(browser("5", "eliza"));
  const header = headers();
  setChecksum(header, list.data);
  await link.jetstream.publish(LIST_OF_ALEXANDER, list.data, { headers: header }); // as it was before
  const names = async () => (await browsersOf(subscriptions, "alexander")).join("");
  assertEquals(await names(), "012346789");
  await subscriptions.add(browser("a", "alexander"));
  assertEquals(await names(), "012346789a");
  await subscriptions.add(browser("b", "alexander"));
  assertEquals(await names(), "12346789ab");
  assertEquals(await browsersOf(subscriptions, "eliza"), ["5"]);
});

test("NatsSubscriptions skips messages that no node has stored, reports each once, and replaces them", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const subscriptions = await nodes.open(server);
  const [, id] = [
    await subscriptions.add(browser("a", "alexander")),
    await subscriptions.add(browser("b", "alexander")),
  ];
  const forged = JSON.stringify(browser("forged", "alexander"));
  const { seq } = await link.jetstream.publish(`tidings.push.subscription.${id}`, forged);
  for (let repeat = 0; repeat < 2; repeat++) {
    assertEquals(await browsersOf(subscriptions, "alexander"), ["a"]);
  }
  assertEquals(nodes.damaged, [seq]);
  assertEquals(await subscriptions.remove(id, "alexander"), false);
  await subscriptions.add(browser("b", "alexander"));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["a", "b"]);
  const list = await link.jetstream.publish(LIST_OF_ALEXANDER, "duel");
  assertEquals(await subscriptions.of("alexander"), []);
  assertEquals(nodes.damaged, [seq, list.seq]);
  await subscriptions.add(browser("a", "alexander"));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["a"]);
});

testOnTwoNodes(
  "NatsSubscriptions loses nothing when there is no room for more, whichever node fills it",
  async (one, other) => {
    const ids: string[] = [];
    const filling = async () => {
      for (let n = 0; n < 1_000; n++) {
        ids.push(
          await (n % 2 ? one : other).add(browser(`${n}`, `target ${n}`)),
        );
      }
    };
    const error = await assertRejects(filling, UnavailableError);
    assertEquals(error.message, "there is no room for more push subscriptions");
    assert(ids.length > 20 && ids.length < 400, `${ids.length}`);
    for (const n of ids.keys()) assertEquals(await browsersOf(one, `target ${n}`), [`${n}`]);
    await one.add(browser("0", "target 0", { auth: "new" })); // what is known has a place already
    await one.renew(browser("1", ""), browser("renewed", ""));
    assertEquals(await browsersOf(other, "target 1"), ["renewed"]);
    for (const [n, id] of ids.entries()) assertEquals(await other.remove(id, `target ${n}`), n !== 1);
    await eventually(() => one.add(browser("late", "alexander")).then(() => true, () => false));
    assertEquals(await browsersOf(one, "alexander"), ["late"]);
  },
  { maxBytes: 40_000 },
);

test("NatsSubscriptions says that there is no room if the stream itself is full", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const subscriptions = await nodes.open(server, { maxBytes: 20_000, everyMs: 3_600_000 });
  for (const bytes of [1_000, 100, 10]) {
    const fill = () =>
      link.jetstream.publish(`tidings.push.subscription.${crypto.randomUUID()}`, "x".repeat(bytes));
    while (await fill().then(() => true, () => false));
  }
  await assertRejects(() => subscriptions.add(browser("phone", "alexander")), UnavailableError, "no room");
});

test("NatsSubscriptions is unavailable without NATS, and has everything afterwards", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  const subscriptions = await nodes.open(server);
  await subscriptions.add(browser("phone", "alexander"));
  await server.stop();
  await eventually(() =>
    subscriptions.of("alexander").then(() => false, (error) => error instanceof UnavailableError)
  );
  await assertRejects(() => subscriptions.add(browser("laptop", "alexander")), UnavailableError);
  await server.start();
  await eventually(() =>
    browsersOf(subscriptions, "alexander").then((names) => names.length === 1, () => false)
  );
  await eventually(() => subscriptions.add(browser("laptop", "alexander")).then(() => true, () => false));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["phone", "laptop"]);
  assertEquals([nodes.losses, nodes.damaged], [[], []]);
});

test("NatsSubscriptions creates its stream again if it was deleted, and says what is lost", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await using link = await server.link();
  const one = await nodes.open(server), other = await nodes.open(server);
  await one.add(browser("phone", "alexander"));
  await link.manager.streams.delete(STREAM);
  await assertRejects(() => one.of("alexander"), UnavailableError);
  await eventually(() => nodes.losses.length === 2);
  assert(nodes.losses.includes(`${STREAM} missing`), nodes.losses.join());
  assertEquals(await one.of("alexander"), []);
  await other.add(browser("phone", "alexander"));
  assertEquals(await browsersOf(one, "alexander"), ["phone"]);
});

test("NatsSubscriptions says that the stream went back to an earlier state, and goes on with that", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  const subscriptions = await nodes.open(server);
  await subscriptions.add(browser("kept", "alexander"));
  await server.stop();
  const copy = await server.copyStore();
  await server.start();
  await eventually(() => subscriptions.add(browser("lost", "alexander")).then(() => true, () => false));
  await nodes.looked();
  await server.stop();
  await server.rollBack(copy);
  await server.start();
  await eventually(() => nodes.losses.includes(`${STREAM} rolled back`));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["kept"]);
  await subscriptions.add(browser("lost", "alexander"));
  assertEquals(await browsersOf(subscriptions, "alexander"), ["kept", "lost"]);
});

test("NatsSubscriptions refuses a stream with another configuration", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  await nodes.open(server);
  await assertRejects(() => nodes.open(server, { maxBytes: 1_000_000 }), StreamMismatchError, STREAM);
});

test("NatsSubscriptions does not take any text for an id", async () => {
  await using server = await NatsServer.started();
  await using nodes = new SubscriptionNodes();
  const subscriptions = await nodes.open(server);
  await subscriptions.add(browser("phone", "alexander"));
  for (const id of ["*", ">", "", "a.b", " ", "\n", endpointOf("phone"), "x".repeat(5_000)]) {
    assertEquals(await subscriptions.remove(id, "alexander"), false);
  }
  assertEquals(await browsersOf(subscriptions, "alexander"), ["phone"]);
});
