import type { Feed, Journal, Retention } from "../../src/journal/journal.ts";
import { NatsJournal, type NatsOptions } from "../../src/journal/nats.ts";
import { journalContract } from "../contracts/journal.ts";
import { NatsServer, test } from "../nats/nats_server.ts";

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
