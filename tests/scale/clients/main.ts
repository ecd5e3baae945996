/** A process with tabs: it opens those of its plan, and answers one question a line until its input ends. */

import { linesOf } from "../lines.ts";
import type { ClientPlan, Question, Tally, Verdict } from "./protocol.ts";
import { Tabs } from "./tabs.ts";

function answer(tabs: Tabs, question: Question): Tally | Verdict {
  return question.ask === "tally" ? tabs.tally(question.serial) : tabs.verdict(question.accepted);
}

const plan: ClientPlan = JSON.parse(Deno.args[0] ?? "");
const tabs = new Tabs(plan);
void tabs.open();
for await (const line of linesOf(Deno.stdin.readable)) {
  console.log(JSON.stringify(answer(tabs, JSON.parse(line))));
}
Deno.exit(0); // exits without closing thousands of connections
