/** The question to open tabs whether they have a notification. Only a tab that has it answers. */

import { type WindowClient, worker } from "./worker_scope.ts";

export interface TabQuestion {
  readonly tidings: "has";
  /** Of the notification. */
  readonly id: string;
  /** Undefined: the push does not say. */
  readonly target: string | undefined;
}

const ANSWER_MS = 500;

/** Resolves with true if a visible tab says so in time. */
export async function isInVisibleTab(question: TabQuestion): Promise<boolean> {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const visible = windows.filter(({ visibilityState }) => visibilityState === "visible");
  if (visible.length === 0) return false;
  return await new Promise((resolve) => {
    setTimeout(() => resolve(false), ANSWER_MS);
    for (const window of visible) ask(window, question, () => resolve(true));
  });
}

function ask(window: WindowClient, question: TabQuestion, onYes: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = onYes;
  window.postMessage(question, [port2]);
}
