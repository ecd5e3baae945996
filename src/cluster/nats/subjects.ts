/** The subjects on which nodes talk to each other. */

/** Where every node says how it is. */
export function beats(stream: string): string {
  return `${stream}.nodes.beat`;
}

/** Where a node is asked. */
export function asked(stream: string, node: string): string {
  return `${stream}.nodes.ask.${node}`;
}

/** The last token of where an asker hears which of its questions a node is still answering. */
export const WORKING = "working";

/** A reply subject in its two parts: the inbox of the asker, and the number of the question. */
export function parseReplySubject(reply: string): { inbox: string; number: string } {
  const dot = reply.lastIndexOf(".");
  return { inbox: reply.slice(0, dot), number: reply.slice(dot + 1) };
}
