/** Faults of a server, each of which breaks one rule of the protocol or of a standard. */

import type { Change, Fault } from "./faulty_proxy.ts";

export interface BrokenRule {
  readonly rule: string;
  /** What the server does, as the end of a sentence that begins with "if". */
  readonly breaks: string;
  readonly fault: Fault;
  /** True if it takes a server in development mode. */
  readonly isOpen?: true;
}

/** What the server sends is changed. Within frames and bodies, the replacement has the same length. */
function sends(pattern: RegExp, replacement: string): Fault {
  return { toClient: (text) => text.replaceAll(pattern, replacement) };
}

/** The server does not see what the client has sent, or sees something else. */
function sees(pattern: RegExp, replacement: string): Fault {
  return { toServer: (text) => text.replaceAll(pattern, replacement) };
}

/** Replaces a close code in the payload of a close frame. */
function closes(code: number, other: number): Fault {
  const bytes = (number: number) => String.fromCharCode(number >> 8, number & 255);
  const change: Change = (text) => text.replaceAll(bytes(code), bytes(other));
  return { toClient: change };
}

let ids = 0;

/** Gives each id another first letter than the one before, so that no repeat is known. */
const forgetsIds: Fault = {
  toServer: (text) => text.replaceAll(/"id":"./g, () => `"id":"${"abcdefghij"[ids++ % 10]}`),
};

export const FAULTS: readonly BrokenRule[] = [
  {
    rule: "E1",
    breaks: "problems are application/json",
    fault: sends(/application\/problem\+json/g, "application/json"),
  },
  { rule: "E2", breaks: "422 is 400", fault: sends(/HTTP\/1\.1 422 .*\r/g, "HTTP/1.1 400 Bad Request\r") },
  { rule: "E3", breaks: "paths are not given", fault: sends(/"path":"targets\.0"/g, '"path":"targets_0"') },
  { rule: "E7", breaks: "Accept-Encoding is missing", fault: sends(/accept-encoding: identity\r\n/gi, "") },
  { rule: "E8", breaks: "Retry-After is missing", fault: sends(/retry-after: \d+\r\n/gi, "") },
  { rule: "E9", breaks: "Allow is missing", fault: sends(/allow: .*\r\n/gi, "") },
  { rule: "E11", breaks: "times have a comma", fault: sends(/(:\d\d)\.(\d{3}Z)/g, "$1,$2") },
  { rule: "E16", breaks: "HEAD is not routed", fault: sees(/^HEAD \/healthz/g, "HEAD /nothing") },
  {
    rule: "A1",
    breaks: "any key is right",
    fault: sees(/Bearer wrong/g, "Bearer conformance-0123456789abcdef"),
  },
  { rule: "A8", breaks: "WWW-Authenticate is missing", fault: sends(/www-authenticate: .*\r\n/gi, "") },
  { rule: "A12", breaks: "Origin is ignored", fault: sees(/\norigin: https:\/\/foreign.*\r/gi, "\nx: y\r") },
  {
    rule: "A15",
    breaks: "credentials are not allowed",
    fault: sends(/access-control-allow-credentials: .*\r\n/gi, ""),
  },
  { rule: "A17", breaks: "426 is 400", fault: sends(/HTTP\/1\.1 426 .*\r/g, "HTTP/1.1 400 Bad Request\r") },
  {
    rule: "N4",
    breaks: "ttl and targets are not checked",
    fault: sends(/HTTP\/1\.1 422 .*\r/g, "HTTP/1.1 202 Accepted\r"),
  },
  { rule: "N6", breaks: "numbers are parsed", fault: sends(/12345678901234567890/g, "12345678901234567000") },
  { rule: "N9", breaks: "topics are ignored", fault: sees(/"topic":"A-z_09"/g, '"urgency":"high" ') },
  { rule: "N10", breaks: "a ttl of 0 is ignored", fault: sees(/"ttl":0/g, '"ttl":9') },
  {
    rule: "N14",
    breaks: "positions are all the same",
    fault: sends(/"position":"[^"]*(.)"/g, '"position":"00000000-00000000000"'),
  },
  { rule: "N17", breaks: "everyone is undefined", fault: sends(/"target":null/g, '"target":1234') },
  { rule: "N21", breaks: "ids are forgotten", fault: forgetsIds },
  { rule: "N24", breaks: "Idempotency-Key is ignored", fault: sees(/idempotency-key: .*\r\n/gi, "") },
  { rule: "W3", breaks: "no subprotocol is chosen", fault: sends(/sec-websocket-protocol: .*\r\n/gi, "") },
  { rule: "W4", breaks: "the welcome has no limits", fault: sends(/"limits":/g, '"limitz":') },
  { rule: "W7", breaks: "it closes with 4103", fault: closes(4102, 4103) },
  { rule: "L2", breaks: "the position is a text", fault: sends(/"position":null/g, '"position":"--"') },
  { rule: "L10", breaks: "409 is 404", fault: sends(/HTTP\/1\.1 409 .*\r/g, "HTTP/1.1 404 Not Found\r") },
  {
    rule: "J2",
    breaks: "the answer is text",
    fault: sends(/content-type: application\/x-ndjson/gi, "content-type: text/plain"),
  },
  { rule: "J4", breaks: "a long line is 400", fault: sends(/"status":413/g, '"status":400') },
  { rule: "Y5", breaks: "grpc-status is missing", fault: sends(/grpc-status: .*\r\n/gi, "") },
  { rule: "U9", breaks: "the sender is not allowed", fault: sends(/webhook-allowed-origin: .*\r\n/gi, "") },
  { rule: "R1", breaks: "`sent` is wrong", fault: sends(/"sent":3/g, '"sent":2') },
  { rule: "R7", breaks: "Preference-Applied is missing", fault: sends(/preference-applied: .*\r\n/gi, "") },
  { rule: "T2", breaks: "the transport has another name", fault: sends(/"websocket"/g, '"webSocket"') },
  { rule: "T5", breaks: "it closes with 4004", fault: closes(4003, 4004) },
  { rule: "K1", breaks: "a token lives for years", fault: sends(/"expires_at":"202/g, '"expires_at":"203') },
  {
    rule: "C1",
    breaks: "Sec-WebSocket-Version is missing",
    fault: sends(/sec-websocket-version: .*\r\n/gi, ""),
  },
  { rule: "C9", breaks: "it closes with 4200", fault: closes(4201, 4200) },
  { rule: "S2", breaks: "`recovered` is missing", fault: sends(/"recovered":/g, '"recoverex":') },
  { rule: "S4", breaks: "`urgency` has another name", fault: sends(/"urgency":/g, '"importan":') },
  { rule: "S9", breaks: "there is no pong", fault: sends(/"type":"pong"/g, '"type":"ping"') },
  { rule: "B5", breaks: "it closes with 1008", fault: closes(1009, 1008) },
  { rule: "B6", breaks: "it closes with 4100", fault: closes(4101, 4100) },
  { rule: "V2", breaks: "the stream may be stored", fault: sends(/cache-control: .*\r\n/gi, "") },
  { rule: "V4", breaks: "events have no id", fault: sends(/\nid: /g, "\nix: ") },
  { rule: "V5", breaks: "Last-Event-ID is ignored", fault: sees(/last-event-id: .*\r\n/gi, "") },
  { rule: "V6", breaks: "clients wait for nine seconds", fault: sends(/retry: 1/g, "retry: 9") },
  { rule: "V8", breaks: "the last event is a message", fault: sends(/event: close/g, "event: messg") },
  { rule: "I2", breaks: "marks are not answered", fault: sends(/"type":"marked"/g, '"type":"mraked"') },
  { rule: "I3", breaks: "`through` has another name", fault: sends(/"through":/g, '"throvgh":') },
  { rule: "I12", breaks: "an inbox may be stored", fault: sends(/cache-control: .*\r\n/gi, "") },
  { rule: "I13", breaks: "`limit` is ignored", fault: sees(/limit=10&/g, "limit=20&") },
  {
    rule: "P4",
    breaks: "it never says that it has recovered",
    fault: sends(/"recovered":true/g, '"recovered":null'),
  },
  {
    rule: "P6",
    breaks: "it claims to have recovered",
    fault: sends(/"recovered":false/g, '"recovered":true '),
  },
  { rule: "H1", breaks: "the process is dead", fault: sends(/"alive"/g, '"dead!"') },
  {
    rule: "E12",
    breaks: "Host is ignored",
    fault: sees(/\r\nhost: (x|a b|user|host).*\r/gi, "\r\nhost: 127.0.0.1\r"),
  },
  {
    rule: "E13",
    breaks: "foreign hosts are served",
    fault: sees(/host: foreign\.example/gi, "host: localhost"),
    isOpen: true,
  },
  { rule: "D1", breaks: "the key is no point", fault: sends(/"key":"B/g, '"key":"A'), isOpen: true },
  {
    rule: "G8",
    breaks: "`push` has another name",
    fault: sends(/"push":true/g, '"pusx":true'),
    isOpen: true,
  },
  {
    rule: "RFC6455-4.2.2",
    breaks: "Sec-WebSocket-Accept is wrong",
    fault: sends(/(sec-websocket-accept: ).*\r/gi, "$1s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r"),
  },
  {
    rule: "RFC6455-9.1",
    breaks: "it chooses an extension",
    fault: sends(/\r\nupgrade: /gi, "\r\nsec-websocket-extensions: x\r\nupgrade: "),
  },
  { rule: "RFC6455-5.5.2", breaks: "a pong has another payload", fault: sends(/Hello/g, "World") },
  { rule: "RFC6455-8.1", breaks: "text is broken", fault: sends(/\u00ce\u00ba/g, "\u00ce\u00bb") },
  {
    rule: "RFC9457-3.1.2",
    breaks: "`status` is not that of the answer",
    fault: sends(/"status":404/g, '"status":400'),
  },
  {
    rule: "SSE-9.2.3",
    breaks: "the stream is text",
    fault: sends(/content-type: text\/event-stream/gi, "content-type: text/plain"),
  },
  { rule: "SSE-9.2.5", breaks: "a field has another name", fault: sends(/\nretry: |^retry: /g, "\nagain: ") },
];
