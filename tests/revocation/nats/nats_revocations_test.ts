/** NatsRevocations fulfils the contract, and several nodes with one stream know the same. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnavailableError } from "../../../src/journal/journal.ts";
import { StreamMismatchError } from "../../../src/nats/streams.ts";
import { NOW, revocationsContract, token } from "../../contracts/revocations.ts";
import { eventually } from "../../eventually.ts";
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

test("NatsRevocations is not current while it is cut off, and knows everything before it is again", async () => {
  await using cluster = await NatsCluster.started();
  await using nodes = new RevocationNodes();
  const [first, second, third] = cluster.servers;
  assert(first !== undefined && second !== undefined && third !== undefined);
  const one = await nodes.open(first, { replicas: 3 });
  // This node knows the third server alone.
  await using cutOff = new RevocationNodes();
  const other = await cutOff.open(third, { replicas: 3, everyMs: 20 });
  await third.stop();
  await eventually(() => !other.isCurrent, "the node notices");
  await eventually(() => one.isCurrent, "the others go on");
  await eventually(async () => {
    await one.add({ jti: "1", keptUntil: KEPT_UNTIL }).catch((error) => {
      if (!(error instanceof UnavailableError)) throw error;
    });
    return one.isRevoked(token("1"));
  }, "a revocation meanwhile");
  await assertRejects(() => other.add({ jti: "2", keptUntil: KEPT_UNTIL }), UnavailableError);
  assertEquals(other.isRevoked(token("1")), false);
  let knewWhenCurrent: boolean | undefined;
  await third.start();
  await eventually(() => {
    if (other.isCurrent) knewWhenCurrent ??= other.isRevoked(token("1"));
    return knewWhenCurrent !== undefined;
  }, "the node is back");
  assertEquals(knewWhenCurrent, true);
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
