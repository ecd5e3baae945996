/** Receives what browsers post beside their connections: those with Server-Sent Events cannot send over theirs. */

import type { Nodes, QuestionKinds, ReceiveOutcome, ReceiveRefusal } from "./nodes.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import type { BrowserMessage, ReceivedRequest } from "../wire/protocol.ts";

/** A connection that takes messages. Throws a {@linkcode Problem} if it takes none of them. */
export interface Recipient {
  readonly id: string;
  take(messages: readonly BrowserMessage[]): void;
}

/** Has the connection take what was posted for it, if this node has that connection. */
export type ReceiveLocally = (posted: QuestionKinds["received"]["asked"]) => Promise<ReceiveOutcome>;

/** Takes what was posted by a browser of the target, or rejects with a {@linkcode Problem} and takes nothing. */
export type Receive = (target: string, request: ReceivedRequest) => Promise<void>;

/** @param connectionsOf the connections that a target has on this node */
export function createLocalReceiver(
  connectionsOf: (target: string) => Promise<readonly Recipient[]>,
): ReceiveLocally {
  return async function receiveHere({ target, connection, messages }) {
    const recipient = (await connectionsOf(target)).find(({ id }) => id === connection);
    if (recipient === undefined) return "not here";
    try {
      recipient.take(messages);
      return "taken";
    } catch (error) {
      return refusalIn(error);
    }
  };
}

/** A proxy may hand a browser's request to any node: if the connection is not on this one, the others are asked. */
export function createReceiver(
  { here, nodes }: { here: ReceiveLocally; nodes: Pick<Nodes, "ask"> },
): Receive {
  return async function receive(target, request) {
    const posted = { target, ...request };
    if (isTaken(await here(posted))) return;
    let failing: string | undefined;
    for await (const answer of nodes.ask({ kind: "received", ...posted })) {
      if ("failed" in answer) failing = answer.node;
      else if (isTaken(answer.given)) return;
    }
    if (failing !== undefined) {
      throw unavailable(`node ${failing} could not answer: the connection may be there`);
    }
    throw new Problem("not-found", `${target} has no connection ${request.connection}`);
  };
}

/** Throws the problem if it was refused. */
function isTaken(reception: ReceiveOutcome): boolean {
  if (typeof reception === "string") return reception === "taken";
  const { kind, detail, headers } = reception;
  throw new Problem(kind, detail, { headers });
}

/** Throws what is none. */
function refusalIn(error: unknown): ReceiveRefusal {
  if (!(error instanceof Problem)) throw error;
  const { kind, message: detail, headers } = error;
  if (kind !== "too-many-requests" && kind !== "unavailable") throw error;
  return { kind, detail, headers };
}
