/** NatsRevocations fulfils the contract, and several nodes with one stream know the same. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { NatsLink } from "../../../src/nats/link.ts";
import { parseNatsUrl } from "../../../src/nats/nats_url.ts";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { NOW, revocationsContract, token } from "../../contracts/revocations.ts";
import { eventually } from "../../eventually.ts";
import { FaultyProxy } from "../../nats/faulty_proxy.ts";
import { NatsCluster } from "../../nats/nats_cluster.ts";
import { NatsServer, test } from "../../nats/nats_server.ts";
import { RevocationNodes } from "./revocation_nodes.ts";

const KEPT_UNTIL = NOW + 60_000;
const NEVER = 1_000_000; // so that a node learns only by what it receives

revocationsContract("NatsRevocations", async (options) => {
  const server = await NatsServer.started(), nodes = new RevocationNodes();
  const revocations = await nodes.open(server, options);
  const close = () => nodes[Symbol.asyncDispose]().then(() => server[Symbol.asyncDispose]());
  return { revocations, [Symbol.asyncDispose]: close };
}, test);

test("NatsRevocations tells all nodes at once of what one has revoked", async () => {
  await using server = await NatsServer.started();
  await using nodes = new RevocationNodes();
  const one = await nodes.open(server), other = await nodes.open(server, { everyMs: NEVER });
  const revocation = { target: "alexander", issuedBefore: 500_000, keptUntil: KEPT_UNTIL };
  await one.add(revocation);
  await eventually(() => other.isRevoked(token("1", 499)), "the other node");
  assertEquals(nodes.known, [[revocation], [revocation]]);
});

test("NatsRevocations reads everything before it is open", async () => {
  await using server = await NatsServer.started();
  await using nodes = new RevocationNodes();
  const one = await nodes.open(server), jtis = Array.from({ length: 30 }, (_, n) => `${n}`);
  await Promise.all(jtis.map((jti) => one.add({ jti, keptUntil: KEPT_UNTIL })));
  const other = await nodes.open(server, { everyMs: NEVER });
  assertEquals([other.isCurrent, jtis.filter((jti) => !other.isRevoked(token(jti)))], [true, []]);
});

test("NatsRevocations survives a restart of the server, and of all nodes", async () => {
  await using server = await NatsServer.started();
  {
    await using nodes = new RevocationNodes();
    await (await nodes.open(server)).add({ jti: "1", keptUntil: KEPT_UNTIL });
  }
  await server.stop();
  await server.start();
  await using nodes = new RevocationNodes();
  assert((await nodes.open(server)).isRevoked(token("1")));
});

for (const fault of ["broken", "silent"] as const) {
  test(`NatsRevocations is not current while its connection is ${fault}, and knows everything before it is again`, async () => {
    await using server = await NatsServer.started();
    await using proxy = new FaultyProxy(server.port);
    await using nodes = new RevocationNodes();
    const url = parseNatsUrl(`nats://127.0.0.1:${proxy.port}`);
    assert(url !== undefined);
    const options = { name: "cut off", retryMs: 20, requestMs: 200, report: () => {} };
    const one = await nodes.open(server), other = await nodes.openOver(await NatsLink.open(url, options));
    proxy.cut(fault);
    await eventually(() => !other.isCurrent, "the node notices");
    await one.add({ jti: "1", keptUntil: KEPT_UNTIL });
    assertEquals(other.isRevoked(token("1")), false);
    await assertRejects(() => other.add({ jti: "2", keptUntil: KEPT_UNTIL }), UnavailableError);
    let knewWhenCurrent: boolean | undefined;
    proxy.heal();
    await eventually(() => {
      if (other.isCurrent) knewWhenCurrent ??= other.isRevoked(token("1"));
      return knewWhenCurrent !== undefined;
    }, "the node is back");
    assertEquals(knewWhenCurrent, true);
  });
}

test("NatsRevocations of three nodes over three servers know the same, whichever of them revokes", async () => {
  await using cluster = await NatsCluster.started();
  await using nodes = new RevocationNodes();
  const opened = await Promise.all(cluster.servers.map((server) => nodes.open(server, { replicas: 3 })));
  await Promise.all(opened.flatMap((one, n) => [
    one.add({ jti: `${n}`, keptUntil: KEPT_UNTIL }),
    one.add({ target: "alexander", issuedBefore: 1000 * n, keptUntil: KEPT_UNTIL }),
  ]));
  for (const one of opened) {
    await eventually(() => ["0", "1", "2"].every((jti) => one.isRevoked(token(jti, 9))), "the tokens");
    await eventually(() => one.isRevoked(token(null, 1)) && !one.isRevoked(token(null, 2)), "the target");
  }
});

for (const [offset, ahead] of [["an hour", 3_600_000], ["a year", 31_536_000_000]] as const) {
  test(`NatsRevocations forgets nothing too early because of a node whose clock is ahead by ${offset}`, async () => {
    await using server = await NatsServer.started();
    await using nodes = new RevocationNodes();
    const clocks = [{ now: Date.now }, { now: () => Date.now() + ahead, expireMs: 5 }];
    const [right, wrong] = await Promise.all(clocks.map((clock) => nodes.open(server, clock)));
    assert(right !== undefined && wrong !== undefined);
    const keptUntil = Date.now() + 60_000;
    await right.add({ jti: "1", keptUntil });
    for (const jti of ["2", "3"]) await wrong.add({ jti, keptUntil }); // forgets what it can before
    const later = await nodes.open(server, { now: Date.now });
    for (const node of [right, wrong, later]) {
      await eventually(() => node.stats().kept === 3, "the node knows all");
      assertEquals(["1", "2", "3"].filter((jti) => !node.isRevoked(token(jti))), []);
    }
  });
}

test("NatsRevocations forgets for all nodes what has expired by the clock of NATS and by its own", async () => {
  await using server = await NatsServer.started();
  await using nodes = new RevocationNodes();
  const behind = { now: () => Date.now() - 3_600_000 };
  const one = await nodes.open(server, { now: Date.now }), slow = await nodes.open(server, behind);
  await one.add({ jti: "1", keptUntil: Date.now() - 1 });
  await eventually(() => slow.isRevoked(token("1")), "the other node");
  await one.add({ jti: "2", keptUntil: Date.now() + 60_000 });
  await slow.add({ jti: "3", keptUntil: Date.now() + 60_000 });
  const later = await nodes.open(server, { now: Date.now });
  const knows = (node: typeof one) => ["1", "2", "3"].map((jti) => node.isRevoked(token(jti)));
  await eventually(() => one.stats().kept === 2, "the node knows all");
  assertEquals([one, slow, later].map(knows), [[false, true, true], [true, true, true], [false, true, true]]);
});

test("NatsRevocations stores again what a stream has lost", async () => {
  await using server = await NatsServer.started();
  await using nodes = new RevocationNodes();
  const one = await nodes.open(server), other = await nodes.open(server);
  await one.add({ jti: "1", keptUntil: KEPT_UNTIL });
  await eventually(() => other.isRevoked(token("1")), "the other node");
  await nodes.links[0]?.manager.streams.delete("tidings-revoked");
  await eventually(() => nodes.losses.length > 0, "a node notices");
  await eventually(async () => {
    await using later = new RevocationNodes();
    return (await later.open(server)).isRevoked(token("1"));
  }, "a node that starts later knows it");
});

test("NatsRevocations skips a message that no node has stored, and reports it", async () => {
  await using server = await NatsServer.started();
  await using nodes = new RevocationNodes();
  const one = await nodes.open(server);
  await nodes.links[0]?.jetstream.publish("tidings.revoked.x", "garbage");
  await eventually(() => nodes.damaged.length > 0, "the report");
  await one.add({ jti: "1", keptUntil: KEPT_UNTIL });
  assertEquals([one.isRevoked(token("1")), one.isCurrent, nodes.damaged], [true, true, [1]]);
});

test("NatsRevocations does not open a stream with another configuration", async () => {
  await using server = await NatsServer.started();
  await using nodes = new RevocationNodes();
  await nodes.open(server);
  await assertRejects(() => nodes.open(server, { maxBytes: 4096 }), StreamMismatchError);
});
