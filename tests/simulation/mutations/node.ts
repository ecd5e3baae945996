/** Mutations of the rest of a node: sources, processor, reports, the part among all nodes, and the stop. */

import type { Mutation } from "./mutation.ts";

export const NODE: readonly Mutation[] = [
  {
    file: "async/channel.ts",
    find: "while (this.#senders?.size && this.#values.length < this.capacity) this.#senders.take()?.retry();",
    replace: "",
    breaks: "who waits for room in a channel waits for ever",
  },
  {
    file: "connection/connection_slots.ts",
    find: "    this.#taken--;\n",
    replace: "",
    breaks: "a node counts every connection that it ever had",
  },
  {
    file: "sources/intake.ts",
    find: "    } finally {\n      this.#room.release(drafts.length);\n",
    replace: "    } finally {\n",
    breaks: "each request takes room in the queue for good, until nothing is accepted any more",
  },
  {
    file: "processor/dispatch.ts",
    find: "        handlers.ack(message.ids, one);\n",
    replace: "",
    breaks: "acks are not counted",
  },
  {
    file: "processor/marks.ts",
    find: 'else if (ref !== undefined) pump.sendMessage({ type: "marked", ref });',
    replace: "",
    breaks: "a tab never hears that its mark is kept",
  },
  {
    file: "reports/report_columns.ts",
    find: 'else if (typeof unacked !== "object" || !this.#setAt(row).delete(connection)) return;',
    replace: 'else if (typeof unacked === "object") this.#setAt(row).delete(connection);',
    breaks: "an ack that comes twice counts twice",
  },
  {
    file: "reports/report_columns.ts",
    find: "this.#sent[row] = (this.#sent[row] ?? 0) + 1;",
    replace: "this.#sent[row] = 1;",
    breaks: "a report counts one connection of each notification",
  },
  {
    file: "reports/report.ts",
    find: "reports.reduce((sum, { [count]: more }) => sum + more, 0)",
    replace: "reports[0]?.[count] ?? 0",
    breaks: "a report has the counts of one node only",
  },
  {
    file: "service/sessions.ts",
    find: "      reports.left(session);\n",
    replace: "",
    breaks: "a publisher waits for the acks of a tab that has left",
  },
  {
    file: "reports/ack_wait.ts",
    find: "if (this.#isStarted && this.#unsettled.size === 0) this.#settle();",
    replace: "if (this.#isStarted) this.#settle();",
    breaks: "a publisher is answered before the acks have come",
  },
  {
    file: "reports/pending_acks.ts",
    find: "if (this.#unacked.has(connection)) this.#left.add(connection);",
    replace: "this.#unacked.delete(connection);",
    breaks: "while a publisher waits, the acks that a page posts when it is closed are not counted",
  },
  {
    file: "cluster/handlers.ts",
    find: "do remaining = await connectionsOf(target); while (remaining.some((one) => dismissed.has(one)));",
    replace: "remaining = []; void remaining;",
    breaks: "a backend is told that connections are closed which are still there",
  },
  {
    file: "cluster/receive.ts",
    find: "find(({ id }) => id === connection)",
    replace: "at(0)",
    breaks: "what one tab has posted counts for another one",
  },
  {
    file: "service/drain.ts",
    find: "    await closeAll(); // also",
    replace: "    if (ms === 0) await closeAll(); // also",
    breaks: "a connection whose socket opens during the stop is cut",
  },
  {
    file: "service/shutdown.ts",
    find: "  clearInterval(rebalancing);\n",
    replace: "",
    breaks: "a node that has stopped still looks after the loads of the others",
  },
  {
    file: "service/shutdown.ts",
    find: "    { windowMs: drainSeconds * 500, signal: deadline.signal },\n",
    replace: "    { windowMs: drainSeconds * 500, signal: AbortSignal.abort() },\n",
    breaks: "a node that stops cuts its connections at once",
  },
];
