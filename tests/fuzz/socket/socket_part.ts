/** Fuzzes the bytes of sockets: upgrades, frames, and requests that are no HTTP. */

import * as fc from "fast-check";
import { ByteStream } from "../../conformance/client/byte_stream.ts";
import { encodeFrame, type Frame, OPCODE } from "../../conformance/client/frame.ts";
import type { Bench, JournalName, Part } from "../part.ts";
import { readApiDocument } from "../routes/api_document.ts";
import { FuzzedService } from "../service/fuzzed_service.ts";
import { Tally } from "../tally.ts";
import { expect } from "../violation.ts";
import { within } from "../within.ts";
import type { Attack } from "./attack.ts";
import { attacksOn } from "./attack_values.ts";
import { bytesOf } from "./frame_bytes.ts";
import { checkFrame, type MessageDocument, readMessageDocument } from "./frame_check.ts";
import { FrameReader, LAST_PING } from "./frame_reader.ts";
import { open } from "./opening.ts";

const MAX_ATTACKS = 8;
/** How long a server may take to read what was sent; one that waits for the rest of a frame takes for ever. */
const QUIET_MS = 30;
const DEADLINE_MS = 60_000; // only what is broken takes that long

/** The attacks of an input are made at the same time. */
export const SOCKET: Part<readonly Attack[]> = {
  name: "socket",
  journals: ["memory", "sqlite"],
  open: (journal) => SocketBench.open(journal),
};

class SocketBench implements Bench<readonly Attack[]> {
  readonly inputs: fc.Arbitrary<readonly Attack[]>;
  readonly tally = new Tally();
  readonly #service: FuzzedService;
  readonly #document: MessageDocument;

  private constructor(service: FuzzedService, document: MessageDocument, attacks: fc.Arbitrary<Attack>) {
    this.#service = service;
    this.#document = document;
    this.inputs = fc.array(attacks, { minLength: 1, maxLength: MAX_ATTACKS, size: "max" });
  }

  static async open(journal: JournalName): Promise<SocketBench> {
    const service = await FuzzedService.start(journal), url = `http://127.0.0.1:${service.port}`;
    const attacks = attacksOn(await readApiDocument(url));
    return new SocketBench(service, await readMessageDocument(url), attacks);
  }

  async play(attacks: readonly Attack[]): Promise<void> {
    await Promise.all(attacks.map((attack) => this.#attack(attack)));
    await this.#service.check();
  }

  async finish(): Promise<void> {
    await this.#service.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
  }

  async #attack({ opening, steps, end }: Attack): Promise<void> {
    const { port, credentials } = this.#service;
    const connection = await Deno.connect({ port });
    using stream = ByteStream.over(connection);
    const status = await open(opening, { stream, port, credentials });
    if (status !== 101) return this.tally.add("text" in opening ? "no HTTP" : `status ${status}`);
    this.tally.add("opened");
    const reader = new FrameReader(stream);
    for (const step of steps) if (!await stream.write(bytesOf(step, (text) => text))) break;
    await stream.write(encodeFrame({ opcode: OPCODE.ping, payload: new TextEncoder().encode(LAST_PING) }));
    await within(QUIET_MS, { work: reader.isQuiet, late: () => {} });
    if (end === "fin") await this.#finish(connection, reader);
    this.#check(reader, "route" in opening && opening.route === "/v1/publish");
  }

  /** A server ends its side when the client has ended its own. */
  async #finish(connection: Deno.TcpConn, reader: FrameReader): Promise<void> {
    await connection.closeWrite().catch(() => {}); // the server has ended it already
    expect(
      await reader.hasEnded(DEADLINE_MS),
      () => "the server keeps a connection that its client has ended",
    );
  }

  #check({ frames }: FrameReader, isPublisher: boolean): void {
    const { secrets } = this.#service;
    for (const frame of frames) {
      checkFrame(frame, { document: this.#document, isPublisher, secrets });
      for (const kind of kindsOf(frame)) this.tally.add(kind);
    }
  }
}

/** The code of a close, or the types of messages; answers to publishers have none. */
function kindsOf({ opcode, payload }: Frame): readonly string[] {
  const [high = 0, low = 0] = payload;
  if (opcode === OPCODE.close) return [`close ${high * 256 + low}`];
  const messages: readonly { type?: string; status?: number }[] = JSON.parse(
    new TextDecoder().decode(payload),
  );
  return messages.map(({ type = "accepted", status }) => status === undefined ? type : `refused ${status}`);
}
