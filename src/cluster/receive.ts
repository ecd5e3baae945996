/** Receives messages that a browser posts, because a connection with Server-Sent Events cannot send any itself. */

import type { Nodes, QuestionKinds, ReceiveOutcome, ReceiveRefusal } from "./nodes.ts";
import { Problem, unavailable } from "../wire/problem.ts";
import type { BrowserMessage, ReceivedRequest } from "../wire/protocol.ts";

/** A connection that can accept messages. It throws a {@linkcode Problem} if it accepts none of them. */
export interface Recipient {
  readonly id: string;
  take(messages: readonly BrowserMessage[]): void;
}

/** Hands posted messages to their connection, if it is on this node. */
export type ReceiveLocally = (posted: QuestionKinds["receive"]["parameters"]) => Promise<ReceiveOutcome>;

/** Hands posted messages to their connection on any node. Rejects with a {@linkcode Problem} if it accepts none. */
export type Receive = (target: string, request: ReceivedRequest) => Promise<void>;

/** @param connectionsOf returns the connections that a target has on this node */
export function createLocalReceiver(
  connectionsOf: (target: string) => Promise<readonly Recipient[]>,
): ReceiveLocally {
  return async function receiveLocally({ target, connection, messages }) {
    const recipient = (await connectionsOf(target)).find(({ id }) => id === connection);
    if (recipient === undefined) return "not-found";
    try {
      recipient.take(messages);
      return "accepted";
    } catch (error) {
      return refusalOf(error);
    }
  };
}

/** A proxy may route a browser's request to any node. If the connection is not on this node, it asks the others. */
export function createReceiver(
  { receiveLocally, nodes }: { receiveLocally: ReceiveLocally; nodes: Pick<Nodes, "ask"> },
): Receive {
  return async function receive(target, request) {
    const posted = { target, ...request };
    if (isAccepted(await receiveLocally(posted))) return;
    let failedNode: string | undefined;
    for await (const answer of nodes.ask({ kind: "receive", ...posted })) {
      if ("error" in answer) failedNode = answer.node;
      else if (isAccepted(answer.value)) return;
    }
    if (failedNode !== undefined) {
      throw unavailable(`node ${failedNode} could not answer: the connection may be there`);
    }
    throw new Problem("not-found", `${target} has no connection ${request.connection}`);
  };
}

/** @throws {Problem} if the connection refused the messages */
function isAccepted(outcome: ReceiveOutcome): boolean {
  if (typeof outcome === "string") return outcome === "accepted";
  const { kind, detail, headers } = outcome;
  throw new Problem(kind, detail, { headers });
}

/** Rethrows any error that is not a refusal. */
function refusalOf(error: unknown): ReceiveRefusal {
  if (!(error instanceof Problem)) throw error;
  const { kind, message: detail, headers } = error;
  if (kind !== "too-many-requests" && kind !== "unavailable") throw error;
  return { kind, detail, headers };
}
