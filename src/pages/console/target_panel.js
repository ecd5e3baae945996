/** The panel that looks up a target, sends it a test notification, and closes its connections. */

import { byId, element } from "../shared/dom.js";
import { requestJson } from "../shared/server.js";
import { lookUp, pathOf } from "./lookup.js";
import { hideLookup, showLookup, showUnread } from "./lookup_tables.js";
import { exactNumber } from "./numbers.js";
import { watchUnread } from "./unread_watch.js";

/**
 * Isolates a target's name, because its letters or its control characters could reverse the text around it.
 */
const isolated = (target) => element("bdi", { textContent: target });

export function startTargetPanel() {
  const target = () => byId("target").value;
  byId("target-form").onsubmit = (event) => {
    event.preventDefault();
    run(() => look(target()));
  };
  byId("test").onclick = () => ifValid(() => run(() => sendTest(target())));
  byId("disconnect").onclick = () => ifValid(() => confirmDisconnect(target()));
}

function ifValid(action) {
  if (byId("target-form").reportValidity()) action();
}

let latestRun = 0;

/** Shows the result of an action, or why it failed. A later action supersedes it. */
async function run(action) {
  const number = ++latestRun;
  showMessage("muted", ["…"]);
  try {
    const { result, message } = await action();
    if (number !== latestRun) return;
    showLookup(result);
    showMessage("muted", message);
    watchUnread(result, { isShown: () => number === latestRun, onUnread: showUnread });
  } catch (error) {
    if (number !== latestRun) return;
    hideLookup(); // the tables belong to another target, or are out of date
    showMessage("danger", [error.message]);
  }
}

function showMessage(kind, parts) {
  byId("target-answer").className = `small ${kind}`;
  byId("target-answer").replaceChildren(...parts);
}

async function look(target) {
  const result = await lookUp(target);
  const { length } = result.connections, behind = result.connections.filter((one) => one.behind).length;
  const ofThem = behind === 0 ? "" : `, ${exactNumber(behind)} of them behind`;
  const text = ` has ${count(length, "connection")}${ofThem}, as of ${new Date().toLocaleTimeString()}.`;
  return { result, message: [isolated(target), text] };
}

async function sendTest(target) {
  const data = { title: "Test from the console", body: new Date().toLocaleTimeString() };
  const { id } = await requestJson("/v1/notify", { body: { target, data } });
  return { result: await lookUp(target), message: [`Test notification sent: ${id}`] };
}

function confirmDisconnect(target) {
  const dialog = byId("confirm");
  byId("confirm-heading").replaceChildren("Disconnect ", isolated(target), "?");
  dialog.returnValue = "no";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") run(() => disconnect(target));
  };
  dialog.showModal();
}

async function disconnect(target) {
  const { closed } = await requestJson(`${pathOf(target)}/connections`, { method: "DELETE" });
  return {
    result: await lookUp(target),
    message: [`Closed ${count(closed, "connection")} of `, isolated(target), "."],
  };
}

function count(number, word) {
  return `${exactNumber(number)} ${word}${number === 1 ? "" : "s"}`;
}
