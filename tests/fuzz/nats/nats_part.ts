/** Fuzzes what a node takes from NATS: somebody else writes to the subjects of its streams, and answers in place of a node. */

import { NatsServer } from "../../nats/nats_server.ts";
import type { Bench, Part } from "../part.ts";
import { FuzzedService } from "../service/fuzzed_service.ts";
import { ALL_KEY, TARGET } from "../service/secrets.ts";
import { readMessageDocument } from "../socket/frame_check.ts";
import { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import { ForeignClient } from "./foreign_client.ts";
import { type NatsInput, natsInputs } from "./nats_input.ts";
import { WatchedTab } from "./watched_tab.ts";

const STREAM = "fuzz";
/** What a message that a node cannot read may add to the log. */
const MAX_LINES = 4;
/** What is said of messages that no node has stored, or that have gone wrong in another way: nothing else is an error. */
const KNOWN_ERRORS = [
  /message \{?\d*\}? ?.*is damaged, and is skipped/,
  /cannot process a (message|presence message)/,
  /unexpected error, \d+ more times/,
  /other errors/,
  /is scheduled in a form that cannot be read, and is dropped/,
];
/** What asks all nodes, or reads what they have stored. */
const REQUESTS = [
  ...[
    "/v1/targets",
    `/v1/targets/${TARGET}`,
    "/v1/notifications/foreign",
    `/v1/targets/${TARGET}/notifications`,
  ],
  ...["/metrics", `/v1/inbox?target=${TARGET}`],
];

export const NATS: Part<NatsInput> = {
  name: "nats",
  journals: ["memory"], // it has its own
  open: async () => {
    const server = await NatsServer.started();
    const service = await FuzzedService.start("memory", {
      environment: { TIDINGS_JOURNAL: server.url(STREAM), TIDINGS_QUEUE: server.url(`${STREAM}queue`) },
      knownErrors: KNOWN_ERRORS,
      mayBeLate: true, // a header may hide a message from a node, which reads it when it finds that it is missing
    });
    const client = await ForeignClient.open(server.address, STREAM);
    await client.meet();
    const document = await readMessageDocument(`http://127.0.0.1:${service.port}`);
    const tab = new WatchedTab(document, { port: service.port, token: service.credentials.token ?? "" });
    return new NatsBench({ server, service, client, tab });
  },
};

interface Parts {
  readonly server: NatsServer;
  readonly service: FuzzedService;
  readonly client: ForeignClient;
  readonly tab: WatchedTab;
}

class NatsBench implements Bench<NatsInput> {
  readonly inputs = natsInputs;
  readonly tally = new Tally();
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async play(input: NatsInput): Promise<void> {
    const { service, client, tab } = this.#parts, before = service.lines;
    for (const { subject } of input.messages) this.tally.add(subject.split(".").slice(0, 2).join("."));
    await client.write(input);
    await Promise.all(REQUESTS.map((path) => this.#request(path)));
    await client.leave();
    await tab.check((id) => service.publish({ target: TARGET, id, data: null }));
    await service.check(() => 1);
    const lines = service.lines - before, max = MAX_LINES * (input.messages.length + 1);
    expect(
      lines <= max,
      () => `${input.messages.length} messages have added ${lines} warnings and errors to the log`,
    );
  }

  async finish(): Promise<void> {
    await this.#parts.tab[Symbol.asyncDispose]();
    await this.#parts.service.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { tab, client, service, server } = this.#parts;
    await tab[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }

  async #request(path: string): Promise<void> {
    const { service } = this.#parts, isInbox = path.includes("inbox");
    const key = isInbox ? service.credentials.token : ALL_KEY;
    const response = await fetch(`http://127.0.0.1:${service.port}${path.split("?")[0]}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const answer = await response.text();
    this.tally.add(`${path.split("/")[2] ?? path} ${response.status}`);
    expect(response.status !== 500, () => `${path} was answered with 500: ${answer}`);
  }
}
