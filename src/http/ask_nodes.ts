/** Asking the nodes: puts together what all of them answered, or says that one of them could not. */

import type { Nodes, Question, QuestionKind, QuestionKinds } from "../cluster/nodes.ts";
import { unavailable } from "../wire/problem.ts";
import { mergeReports, type Report } from "../reports/report.ts";

/** What a node gave. */
export interface NodeResult<K extends QuestionKind> {
  readonly node: string;
  readonly value: QuestionKinds[K]["answer"];
}

/** The answer of every node. Rejects with a {@linkcode Problem}, `unavailable`, if one could not give any. */
export async function allAnswers<K extends QuestionKind>(
  nodes: Nodes,
  question: Question<K>,
): Promise<NodeResult<K>[]> {
  const answers: NodeResult<K>[] = [];
  for await (const answer of nodes.ask(question)) {
    if ("value" in answer) answers.push(answer);
    else throw unavailable(`node ${answer.node} could not answer`); // its log says why
  }
  return answers;
}

/** What all nodes together know of each of these notifications, in their order; null: nothing. */
export async function reportsOf(nodes: Nodes, ids: readonly string[]): Promise<(Report | null)[]> {
  const answers = await allAnswers(nodes, { kind: "reports", ids });
  return ids.map((_, index) => mergeReports(answers.map(({ value }) => value[index] ?? null)));
}

/** A report as publishers get it. */
export function reportOnWire({ id, acceptedAt, sent, acked, firstAckMs }: Report): object {
  return { id, accepted_at: new Date(acceptedAt).toISOString(), sent, acked, first_ack_ms: firstAckMs };
}
