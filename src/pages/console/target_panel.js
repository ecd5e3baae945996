/** The panel for a target: looking it up, sending it a test, and sending it away. */

import { byId, element } from "../shared/dom.js";
import { ask } from "../shared/server.js";
import { hideFound, showFound } from "./found_tables.js";
import { lookUp, pathOf } from "./look_up.js";
import { exactNumber } from "./numbers.js";

/** So that its letters, and what turns their direction, leave the words around it alone. */
const named = (target) => element("bdi", { textContent: target });

export function startTargetPanel() {
  const target = () => byId("target").value;
  byId("target-form").onsubmit = (event) => {
    event.preventDefault();
    act(() => look(target()));
  };
  byId("test").onclick = () => whenNamed(() => act(() => sendTest(target())));
  byId("disconnect").onclick = () => whenNamed(() => askWhether(target()));
}

function whenNamed(then) {
  if (byId("target-form").reportValidity()) then();
}

let acts = 0;

/** Shows what came of it, or why it was refused; unless something else was asked meanwhile. */
async function act(action) {
  const number = ++acts;
  say("quiet", ["…"]);
  try {
    const { found, words } = await action();
    if (number !== acts) return;
    showFound(found);
    say("quiet", words);
  } catch (refusal) {
    if (number !== acts) return;
    hideFound(); // it is of another target, or another time
    say("bad", [refusal.message]);
  }
}

function say(how, words) {
  byId("target-answer").className = `small ${how}`;
  byId("target-answer").replaceChildren(...words);
}

async function look(target) {
  const found = await lookUp(target);
  const { length } = found.connections, behind = found.connections.filter((one) => one.behind).length;
  const ofThem = behind === 0 ? "" : `, ${exactNumber(behind)} of them behind`;
  const words = ` has ${count(length, "connection")}${ofThem}, as of ${new Date().toLocaleTimeString()}.`;
  return { found, words: [named(target), words] };
}

async function sendTest(target) {
  const data = { title: "A test from the console", body: new Date().toLocaleTimeString() };
  const { id } = await ask("/v1/notify", { body: { target, data } });
  return { found: await lookUp(target), words: [`The test is sent: ${id}`] };
}

function askWhether(target) {
  const dialog = byId("sure");
  byId("sure-heading").replaceChildren("Disconnect ", named(target), "?");
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") act(() => disconnect(target));
  };
  dialog.showModal();
}

async function disconnect(target) {
  const { closed } = await ask(`${pathOf(target)}/connections`, { method: "DELETE" });
  return {
    found: await lookUp(target),
    words: [`${count(closed, "connection")} of `, named(target), " closed."],
  };
}

function count(number, word) {
  return `${exactNumber(number)} ${word}${number === 1 ? "" : "s"}`;
}
