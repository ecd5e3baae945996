/** Asks all nodes a question, and combines their answers. */

import type { Nodes, Question, QuestionKind, QuestionKinds } from "../cluster/nodes.ts";
import type { PushReport } from "../reports/push_counts.ts";
import { mergeReports, type Report } from "../reports/report.ts";
import { unavailable } from "../wire/problem.ts";

/** The answer of one node. */
export interface NodeResult<K extends QuestionKind> {
  readonly node: string;
  readonly value: QuestionKinds[K]["answer"];
}

/** Resolves with the answer of every node. Rejects with a {@linkcode Problem}, `unavailable`, if one cannot answer. */
export async function askAllNodes<K extends QuestionKind>(
  nodes: Nodes,
  question: Question<K>,
): Promise<NodeResult<K>[]> {
  const answers: NodeResult<K>[] = [];
  for await (const answer of nodes.ask(question)) {
    if ("value" in answer) answers.push(answer);
    else throw unavailable(`node ${answer.node} could not answer`); // the reason is in the log of that node
  }
  return answers;
}

/** The report of each notification, summed over all nodes, in the order of the ids. Null if no node knows it. */
export async function fetchReports(nodes: Nodes, ids: readonly string[]): Promise<(Report | null)[]> {
  const answers = await askAllNodes(nodes, { kind: "reports", ids });
  return ids.map((_, index) => mergeReports(answers.map(({ value }) => value[index] ?? null)));
}

/** The JSON of a report, as publishers receive it. */
export function reportJson(report: Report): object {
  const { id, acceptedAt, sent, acked, firstAckMs, read, firstReadMs, push } = report;
  const accepted_at = new Date(acceptedAt).toISOString();
  const reads = { read, first_read_ms: firstReadMs };
  return { id, accepted_at, sent, acked, first_ack_ms: firstAckMs, ...reads, push: push && pushJson(push) };
}

function pushJson({ dueAt, sent, failed, gone }: PushReport): object {
  return { due_at: new Date(dueAt).toISOString(), sent, failed, gone };
}
