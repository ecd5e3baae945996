/** Reads a `google.protobuf.Value` as JSON text. */

import { doesNotFit } from "../../wire/problem.ts";
import { unexpectedField } from "./unexpected_field.ts";
import { malformed, WIRE, type WireReader } from "./wire_reader.ts";

const NULL = 1 << 3 | WIRE.varint, NUMBER = 2 << 3 | WIRE.fixed64, STRING = 3 << 3 | WIRE.bytes;
const BOOL = 4 << 3 | WIRE.varint, STRUCT = 5 << 3 | WIRE.bytes, LIST = 6 << 3 | WIRE.bytes;
const MEMBERS = 1 << 3 | WIRE.bytes, NAME = MEMBERS, MEMBER_VALUE = 2 << 3 | WIRE.bytes;
const ELEMENTS = 1 << 3 | WIRE.bytes;
/** The libraries of protocol buffers allow 100 messages within one another, of which a member of an object takes three. */
const MAX_LEVELS = 100;

/**
 * Returns the JSON text of the value that ends at `end`.
 *
 * @throws {Problem} `does-not-fit` for a number that JSON does not have, and for a value that is none
 */
export function readValue(reader: WireReader, end: number, level = 1): string {
  if (level > MAX_LEVELS) {
    throw malformed(`data is limited to ${MAX_LEVELS} levels of nesting; data_json is not`);
  }
  let text: string | undefined; // the last one counts
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    switch (tag) {
      case NULL:
        reader.varint();
        text = "null";
        break;
      case NUMBER:
        text = numberText(reader.double());
        break;
      case STRING:
        text = reader.jsonText(end);
        break;
      case BOOL:
        text = String(reader.varint() !== 0);
        break;
      case STRUCT:
        text = readStruct(reader, reader.fieldEnd(end), level);
        break;
      case LIST:
        text = readList(reader, reader.fieldEnd(end), level);
        break;
      default:
        throw unexpectedField(tag, "data");
    }
  }
  if (text === undefined) throw doesNotFit("data", "has a google.protobuf.Value of no kind");
  return text;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw doesNotFit("data", `JSON has no number ${value}`);
}

function readStruct(reader: WireReader, end: number, level: number): string {
  let members = "";
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    if (tag !== MEMBERS) throw unexpectedField(tag, "data");
    const member = readMember(reader, reader.fieldEnd(end), level);
    members += members === "" ? member : `,${member}`;
  }
  return `{${members}}`;
}

function readMember(reader: WireReader, end: number, level: number): string {
  let name = '""', value: string | undefined;
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    if (tag === NAME) name = reader.jsonText(end);
    else if (tag === MEMBER_VALUE) value = readValue(reader, reader.fieldEnd(end), level + 3);
    else throw unexpectedField(tag, "data");
  }
  if (value === undefined) throw doesNotFit("data", `has no value for ${name}`);
  return `${name}:${value}`;
}

function readList(reader: WireReader, end: number, level: number): string {
  let elements = "";
  while (reader.hasMore(end)) {
    const tag = reader.varint();
    if (tag !== ELEMENTS) throw unexpectedField(tag, "data");
    const element = readValue(reader, reader.fieldEnd(end), level + 2);
    elements += elements === "" ? element : `,${element}`;
  }
  return `[${elements}]`;
}
