/** AccessLines: the lines of the access log that wait to be written. */

import { REQUEST_ID_PREFIX } from "../http/request_id.ts";

/** What a line has of its own. */
export interface AccessLine {
  readonly duration: number;
  readonly id: number | string;
  readonly rest: string;
}

/** Six texts of 200 characters, and what is around them. */
const MAX_LINE_BYTES = 8 * 1024;
const ZERO = 48, POINT = 46; // as ASCII
const encoder = new TextEncoder();

/**
 * Lines wait as bytes: as text, they would be copied by each garbage collection. What many lines have in common is encoded
 * once, and digits are written one by one. That takes a fifth of the time of a line that is put together as text.
 */
export class AccessLines {
  readonly #capacity: number;
  readonly #formatSecond: (second: string) => string;
  readonly #bytes: Uint8Array;
  #used = 0;
  #secondAt = NaN; // in milliseconds since 1970
  #second: Uint8Array = new Uint8Array();
  #common: Uint8Array = new Uint8Array();
  #beforeId: Uint8Array = new Uint8Array();
  #beforeNumber: Uint8Array = new Uint8Array();
  #rest: { readonly text: string; readonly bytes: Uint8Array } = { text: "", bytes: new Uint8Array() };

  /** @param capacity in bytes. When the lines have as many, they are full */
  constructor(capacity: number, formatSecond: (second: string) => string) {
    this.#capacity = capacity;
    this.#formatSecond = formatSecond;
    this.#bytes = new Uint8Array(capacity + MAX_LINE_BYTES);
  }

  get isFull(): boolean {
    return this.#used >= this.#capacity;
  }

  /** The lines that follow have `common` between the time and the duration, and `beforeId` between that and the id. */
  setCommon({ common, beforeId }: { readonly common: string; readonly beforeId: string }): void {
    this.#common = encoder.encode(common);
    this.#beforeId = encoder.encode(beforeId);
    this.#beforeNumber = encoder.encode(beforeId + REQUEST_ID_PREFIX);
  }

  /**
   * Adds a line. Must not be called when the lines are full.
   *
   * @param time in milliseconds since 1970
   * @param line.duration in milliseconds, which is written to the microsecond
   * @param line.id the number of a request whose id is one of this process, or else its id
   */
  add(time: number, { duration, id, rest }: AccessLine): void {
    this.#addTime(time);
    this.#addBytes(this.#common);
    const microseconds = Math.round(duration * 1_000), fraction = microseconds % 1_000;
    this.#addInteger((microseconds - fraction) / 1_000);
    this.#bytes[this.#used++] = POINT;
    this.#addThreeDigits(fraction);
    if (typeof id === "number") {
      this.#addBytes(this.#beforeNumber);
      this.#addInteger(id);
    } else {
      this.#addBytes(this.#beforeId);
      this.#addText(id);
    }
    if (rest !== this.#rest.text) this.#rest = { text: rest, bytes: encoder.encode(rest) };
    this.#addBytes(this.#rest.bytes);
  }

  /** Returns the bytes, which must be used before the next line is added. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return taken;
  }

  /** To format a time takes 550 ns. */
  #addTime(time: number): void {
    if (!(time >= this.#secondAt && time < this.#secondAt + 1_000)) { // also before the first line
      this.#secondAt = Math.floor(time / 1_000) * 1_000;
      this.#second = encoder.encode(
        this.#formatSecond(new Date(time).toISOString().slice(0, -".000Z".length)),
      );
    }
    this.#addBytes(this.#second);
    this.#addThreeDigits(Math.floor(time - this.#secondAt));
  }

  #addText(text: string): void {
    this.#used += encoder.encodeInto(text, this.#bytes.subarray(this.#used)).written;
  }

  #addBytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #addThreeDigits(value: number): void {
    this.#addInteger(Math.floor(value / 100));
    this.#addInteger(Math.floor(value / 10) % 10);
    this.#addInteger(value % 10);
  }

  #addInteger(value: number): void {
    if (value >= 10) this.#addInteger(Math.floor(value / 10));
    this.#bytes[this.#used++] = ZERO + value % 10;
  }
}
