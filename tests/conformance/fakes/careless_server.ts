/** A WebSocket server that answers messages, and checks nothing of RFC 6455: whatever a client sends, it goes on. */

import { ByteStream } from "../client/byte_stream.ts";
import { OPCODE } from "../client/frame.ts";

const POSITION = "00000000-00000000000";
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class CarelessServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<ByteStream>();
  readonly #serving: Promise<void>;
  /** True: it fails every connection at the first frame instead, as if everything were forbidden. */
  readonly #isPrim: boolean;

  constructor({ isPrim }: { isPrim: boolean }) {
    this.#isPrim = isPrim;
    this.#serving = this.#serve();
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#listener.addr.port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const stream of this.#open) stream[Symbol.dispose]();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const talks: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      const stream = ByteStream.over(connection);
      this.#open.add(stream);
      talks.push(this.#talk(stream).catch(() => {}).finally(() => stream[Symbol.dispose]()));
    }
    await Promise.all(talks);
  }

  async #talk(stream: ByteStream): Promise<void> {
    await stream.takeUntil("\r\n\r\n");
    if (this.#isPrim) return void await stream.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    const accept = "sec-websocket-accept: wrong\r\nsec-websocket-extensions: x-other\r\n";
    await stream.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n${accept}\r\n`);
    await sendText(
      stream,
      `[{"type":"welcome","connection":"c","target":"t","position":"${POSITION}","recovered":null}]`,
    );
    let text = "";
    for (;;) {
      const frame = await takeFrame(stream);
      if (frame === null) return;
      const { opcode, payload, isLast } = frame;
      if (opcode === OPCODE.ping) await send(stream, { opcode: OPCODE.pong, payload });
      if (opcode === OPCODE.close) return void await send(stream, { opcode, payload });
      if (opcode > OPCODE.text) continue;
      text += decoder.decode(payload);
      if (!isLast) continue;
      const ref = /"ref":"(.*)"\}/s.exec(text)?.[1] ?? "";
      await sendText(stream, JSON.stringify([{ type: "marked", ref }]));
      text = "";
    }
  }
}

/** Reads a frame, whatever its bits are. */
async function takeFrame(
  stream: ByteStream,
): Promise<{ opcode: number; payload: Uint8Array; isLast: boolean } | null> {
  const [first, second = 0] = await stream.take(2) ?? [];
  if (first === undefined) return null;
  const short = second & 127, extra = short === 127 ? 8 : short === 126 ? 2 : 0;
  const extended = await stream.take(extra);
  const announced = extra === 0 ? short : [...extended ?? []].reduce((sum, byte) => sum * 256 + byte, 0);
  const length = announced > 1_000_000 ? 0 : announced;
  const mask = second > 127 ? await stream.take(4) : null;
  const payload = await stream.take(length);
  if (payload === null) return null;
  return {
    opcode: first & 15,
    payload: payload.map((byte, at) => byte ^ (mask?.[at % 4] ?? 0)),
    isLast: first > 127,
  };
}

async function sendText(stream: ByteStream, text: string): Promise<void> {
  await send(stream, { opcode: OPCODE.text, payload: encoder.encode(text) });
}

/** Sends a frame. Short texts have a reserved bit, which no extension allows. */
async function send(
  stream: ByteStream,
  { opcode, payload }: { opcode: number; payload: Uint8Array },
): Promise<void> {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  const rsv = opcode === OPCODE.text && payload.length < 30 ? 64 : 0;
  const head = [128 | opcode | rsv, ...length];
  await stream.write(new Uint8Array([...head, ...payload]));
}
