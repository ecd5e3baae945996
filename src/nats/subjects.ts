/** Subjects: what is said on which, in NATS. All of them begin with the name of the stream. */

import { Buffer } from "node:buffer";

/** The last token of what targets are sent beside notifications: which node has how many connections of it. */
export const PRESENCE = "~here";

/** Any text as one token. */
export function tokenOf(text: string): string {
  return Buffer.from(text).toString("base64url");
}

export function textIn(token: string): string {
  return Buffer.from(token, "base64url").toString();
}

/** Where a node hears all that is sent to a target (null: to everyone), on subjects with one token more. */
export function outgoing(stream: string, target: string | null): string {
  return target === null ? `${stream}.out.e` : `${stream}.out.t.${tokenOf(target)}`;
}

/** Where a node tells those that have connections of the target too how many it has. */
export function presence(stream: string, target: string): string {
  return `${outgoing(stream, target)}.${PRESENCE}`;
}

/** Where the server says that another one leads the stream from now on. */
export function leaderElected(stream: string): string {
  return `$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${stream}`;
}
