/** The NATS subjects of the messages between nodes. */

/** All nodes publish their heartbeats here. */
export function heartbeatSubject(stream: string): string {
  return `${stream}.nodes.beat`;
}

/** The node receives questions here. */
export function questionSubject(stream: string, node: string): string {
  return `${stream}.nodes.ask.${node}`;
}

/** The last token of the subject on which a node receives the numbers of its questions that are being answered. */
export const IN_PROGRESS = "working";

/** Splits a reply subject into the inbox of the node that asks and the number of the question. */
export function parseReplySubject(reply: string): { inbox: string; number: string } {
  const dot = reply.lastIndexOf(".");
  return { inbox: reply.slice(0, dot), number: reply.slice(dot + 1) };
}
