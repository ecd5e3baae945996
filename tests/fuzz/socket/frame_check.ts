/** Checks the frames of the server against `/asyncapi.json`: their form, their messages, and the codes of closes. */

import { type Frame, OPCODE } from "../../conformance/client/frame.ts";
import { isObject, type Json, type Schema, type Schemas } from "../json/json.ts";
import { misfitOf } from "../json/schema_check.ts";
import { kindOfProblem } from "../problem_check.ts";
import { expect, fail } from "../violation.ts";

/** Of RFC 6455, section 7.4.1, those that may be in a frame. 1011 says that the server is broken. */
const STANDARD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010];

export interface MessageDocument {
  readonly schemas: Schemas;
  readonly toBrowser: Schema;
  readonly toPublisher: Schema;
  readonly closeCodes: readonly number[];
}

interface RawDocument {
  readonly channels: {
    readonly connection: { readonly "x-close-codes": readonly { readonly code: number }[] };
  };
  readonly components: {
    readonly messages: Readonly<Record<"toBrowser" | "toPublisher", { readonly payload: Schema }>>;
    readonly schemas: Schemas;
  };
}

export async function readMessageDocument(url: string): Promise<MessageDocument> {
  const response = await fetch(`${url}/asyncapi.json`);
  const { channels, components: { messages, schemas } }: RawDocument = await response.json();
  return {
    schemas,
    toBrowser: messages.toBrowser.payload,
    toPublisher: messages.toPublisher.payload,
    closeCodes: channels.connection["x-close-codes"].map(({ code }) => code).filter((code) => code !== 1011),
  };
}

export interface FrameCheckOptions {
  readonly document: MessageDocument;
  readonly isPublisher: boolean;
  readonly secrets: readonly string[];
}

/** @throws {Violation} if a frame is not what the document says */
export function checkFrame(frame: Frame, { document, isPublisher, secrets }: FrameCheckOptions): void {
  const { opcode, fin, rsv, isMasked, payload } = frame;
  expect(fin && rsv === 0 && !isMasked, () => `a frame has FIN ${fin}, RSV ${rsv}, MASK ${isMasked}`);
  if (opcode === OPCODE.close) return checkClose(payload, document);
  expect(opcode === OPCODE.text, () => `the server has sent a frame with the opcode ${opcode}`);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  expect(!secrets.some((secret) => text.includes(secret)), () => `a frame has a secret: ${text}`);
  const messages: Json = JSON.parse(text);
  const schema = isPublisher ? document.toPublisher : document.toBrowser;
  const misfit = misfitOf(messages, { schema, schemas: document.schemas, path: "the frame" });
  if (misfit !== null) fail(`${misfit.slice(0, 1_000)}: ${text.slice(0, 500)}`);
  for (const message of Array.isArray(messages) ? messages : []) checkProblem(message);
}

function checkProblem(message: Json): void {
  if (!isObject(message)) return;
  if (isObject(message.problem)) kindOfProblem(message.problem);
  else if (typeof message.status === "number") kindOfProblem(message);
}

/** A close without a code answers one without a code. */
function checkClose([high, low]: Uint8Array, { closeCodes }: MessageDocument): void {
  if (high === undefined || low === undefined) return;
  const code = high * 256 + low, isTheirs = code >= 3_000 && !closeCodes.includes(code);
  const isKnown = isTheirs || STANDARD_CODES.includes(code) || closeCodes.includes(code);
  expect(isKnown, () => `the server has closed with ${code}`);
}
