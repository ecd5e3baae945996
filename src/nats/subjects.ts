/** The NATS subjects that several rooms use. All of Tidings' own begin with the name of the stream. */

import { Buffer } from "node:buffer";

/** The last token of the subject on which nodes exchange how many connections of a target they have. */
export const PRESENCE = "~here";

/** Encodes any text as one token of a subject. */
export function encodeToken(text: string): string {
  return Buffer.from(text).toString("base64url");
}

export function decodeToken(token: string): string {
  return Buffer.from(token, "base64url").toString();
}

/** The subject prefix of everything that nodes receive for a target (null: for everyone). One token follows. */
export function deliveryPrefix(stream: string, target: string | null): string {
  return target === null ? `${stream}.out.e` : `${stream}.out.t.${encodeToken(target)}`;
}

/** The subject on which a node publishes how many connections of the target it has. */
export function presenceSubject(stream: string, target: string): string {
  return `${deliveryPrefix(stream, target)}.${PRESENCE}`;
}

/** The subject on which the server announces a new leader of the stream. */
export function leaderElectedSubject(stream: string): string {
  return `$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${stream}`;
}
