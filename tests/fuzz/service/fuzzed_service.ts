/** The service that is fuzzed, in a process of its own, with witnesses that tell whether all is well. */

import { publisher } from "../../../src/client/publisher/publisher.ts";
import type { TidingsPublisher } from "../../../src/client/publisher/publishing.ts";
import { ServiceProcess } from "../../end_to_end/service_process.ts";
import { secondsFromNow, signedToken, TOKEN_SECRET } from "../../http/auth/signed_token.ts";
import type { JournalName } from "../part.ts";
import { expect } from "../violation.ts";
import { parseGauges } from "./gauges.ts";
import { OutputCheck } from "./output_check.ts";
import {
  ALL_KEY,
  createCredentials,
  type Credentials,
  PUSH_ORIGIN,
  READ_KEY,
  REVOKED,
  secretsOf,
  VAPID_PRIVATE_KEY,
} from "./secrets.ts";
import { Witness } from "./witness.ts";

/** No input has this target: inputs with a random text of 36 characters are too rare. */
const WITNESS_TARGET = `witness ${crypto.randomUUID()}`;
const DEADLINE_MS = 60_000; // only what is broken takes that long
const EVERYONE_EACH = 8; // of so many checks, one publishes to everyone
/** What a round may add to the memory of the process: retained notifications, reports, ids, and garbage. */
const MAX_GROWTH_BYTES = 400 * 1024 * 1024;

export interface FuzzedServiceOptions {
  /** Variables that differ from those of other parts. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Errors in the log that a part is right to cause. */
  readonly knownErrors?: readonly RegExp[];
  /** Whether notifications of others may come late. */
  readonly mayBeLate?: boolean;
}

export class FuzzedService implements AsyncDisposable {
  readonly credentials: Credentials;
  /** What no answer may contain. */
  readonly secrets: readonly string[];
  readonly #process: ServiceProcess;
  readonly #folder: string;
  readonly #output: OutputCheck;
  readonly #abort = new AbortController();
  readonly #publisher: TidingsPublisher;
  readonly #witnesses: readonly Witness[];
  readonly #memoryBefore: number;
  #checks = 0;

  private constructor(parts: {
    process: ServiceProcess;
    folder: string;
    credentials: Credentials;
    witnesses: readonly Witness[];
    memoryBefore: number;
    knownErrors: readonly RegExp[];
  }) {
    this.#process = parts.process;
    this.#folder = parts.folder;
    this.credentials = parts.credentials;
    this.secrets = secretsOf(parts.credentials);
    this.#output = new OutputCheck(this.secrets, parts.knownErrors);
    this.#publisher = publisher(parts.process.url, { key: ALL_KEY, signal: this.#abort.signal });
    this.#witnesses = parts.witnesses;
    this.#memoryBefore = parts.memoryBefore;
  }

  static async start(
    journal: JournalName,
    { environment = {}, knownErrors = [], mayBeLate = false }: FuzzedServiceOptions = {},
  ): Promise<FuzzedService> {
    const folder = await Deno.makeTempDir({ prefix: "fuzz-" });
    const process = await ServiceProcess.start({ ...environmentOf(journal, folder), ...environment }, {
      folder,
    });
    await post(process, "/v1/revocations", { jti: REVOKED });
    const token = await signedToken({ sub: WITNESS_TARGET, exp: secondsFromNow(100_000) });
    const options = { token, mayBeLate, isOwn: (id: string) => id.startsWith(WITNESS_TARGET) };
    const witnesses = [
      await Witness.overSocket(process.port, options),
      await Witness.overEvents(process.port, options),
    ];
    return new FuzzedService({
      ...{ process, folder, witnesses, knownErrors, credentials: await createCredentials() },
      memoryBefore: await process.residentMemory(),
    });
  }

  get port(): number {
    return this.#process.port;
  }

  async publish(notification: Readonly<Record<string, unknown>>): Promise<void> {
    await post(this.#process, "/v1/notify", notification);
  }

  /** The number of warnings and errors in the log. */
  get lines(): number {
    return this.#output.lines;
  }

  /** Resolves when all is well. `own` says how many connections the fuzzer itself has open at the moment. */
  async check(own: () => number = () => 0): Promise<void> {
    this.#output.check(this.#process.output);
    await this.#checkDelivery();
    await this.#checkGauges(() => {
      const connections = this.#witnesses.length + own();
      return {
        tidings_connections: connections,
        tidings_seats_taken: connections,
        tidings_publisher_sockets: 1,
      };
    });
    this.#output.check(this.#process.output);
  }

  /** Resolves if the memory is bounded, and the service then stops as it should. */
  async finish(): Promise<void> {
    const grown = await this.#process.residentMemory() - this.#memoryBefore;
    expect(grown < MAX_GROWTH_BYTES, () => `the memory has grown by ${Math.round(grown / 2 ** 20)} MiB`);
    await this.#closeWitnesses();
    this.#process.signal("SIGTERM");
    const code = await this.#process.exited();
    expect(code === 0, () => `the service ended with ${code}: ${this.#process.output.slice(-2_000)}`);
    this.#output.check(this.#process.output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.#closeWitnesses();
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** By the SDK over a socket and by a request in turn, now and then to everyone. */
  async #checkDelivery(): Promise<void> {
    const check = this.#checks++, everyone = check % EVERYONE_EACH === EVERYONE_EACH - 1;
    const ids = [`${WITNESS_TARGET} ${check} socket`, `${WITNESS_TARGET} ${check} request`];
    const [first = "", second = ""] = ids;
    const notification = { ...everyone ? { everyone } : { target: WITNESS_TARGET }, data: check } as const;
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const late = (cause: unknown) => {
      const { output } = this.#process;
      throw new Error(`the witness could not publish: ${cause}; printed: ${output.slice(-2_000)}`, { cause });
    };
    await this.#publisher.notify({ ...notification, id: first }, { signal }).catch(late);
    await post(this.#process, "/v1/notify", { ...notification, id: second }).catch(late);
    for (const witness of this.#witnesses) await witness.received(ids);
  }

  async #checkGauges(expected: () => Readonly<Record<string, number>>): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const gauges = parseGauges(await this.#metrics());
      const wrong = Object.entries(expected()).filter(([name, value]) => gauges.get(name) !== value);
      if (wrong.length === 0) return;
      const found = wrong.map(([name, value]) => `${name} is ${gauges.get(name)} and not ${value}`);
      expect(performance.now() < deadline, () => `what has gone is still counted: ${found.join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async #metrics(): Promise<string> {
    const response = await fetch(`${this.#process.url}/metrics`, {
      headers: { authorization: `Bearer ${READ_KEY}` },
    });
    return await response.text();
  }

  async #closeWitnesses(): Promise<void> {
    this.#abort.abort(); // nothing of the publisher is unanswered
    await Promise.all([
      this.#publisher.close(),
      ...this.#witnesses.map((witness) => witness[Symbol.asyncDispose]()),
    ]);
  }
}

async function post({ url }: ServiceProcess, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    ...{ method: "POST", headers: { authorization: `Bearer ${ALL_KEY}` }, body: JSON.stringify(body) },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const answer = await response.text();
  expect(response.ok, () => `${path} of a witness was answered with ${response.status}: ${answer}`);
}

/** Keys, tokens, pushes that reach nobody, few retained bytes, and a log of everything. */
function environmentOf(journal: JournalName, folder: string): Record<string, string> {
  return {
    TIDINGS_JOURNAL: journal === "memory" ? "memory:" : `sqlite:${folder}/tidings.db?synchronous=normal`,
    TIDINGS_PUBLISHER_KEYS: ALL_KEY,
    TIDINGS_SCOPED_KEYS: `reader:read:${READ_KEY}`,
    TIDINGS_TOKEN_SECRET: TOKEN_SECRET,
    TIDINGS_ADDRESS_LIMITS: "attempts=100000:100000",
    TIDINGS_RETENTION_BYTES: `${8 * 1024 * 1024}`,
    TIDINGS_VAPID_PRIVATE_KEY: VAPID_PRIVATE_KEY,
    TIDINGS_VAPID_SUBJECT: "mailto:fuzz@example.com",
    TIDINGS_PUSH_ORIGINS: PUSH_ORIGIN,
    TIDINGS_DRAIN_SECONDS: "1",
    TIDINGS_ACCESS_LOG: "on",
    TIDINGS_LOG_LEVEL: "debug",
  };
}
