/** The form that asks for a publisher key, where one is needed. */

import { isPublisher, keep, key, needsKey } from "./server.js";

/**
 * Resolves when there is a key, which the service has taken, or at once if none is needed or one is kept.
 *
 * @param why it is asked for once more
 */
export async function publisherKey(form, why = "") {
  if (!needsKey || key() !== null) return;
  form.querySelector("[role=status]").textContent = why;
  form.hidden = false;
  await new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (await tryKey(form)) resolve();
    };
  });
  form.hidden = true;
}

async function tryKey(form) {
  const input = form.querySelector("input"), answer = form.querySelector("[role=status]");
  answer.textContent = "";
  try {
    if (await isPublisher(input.value)) {
      keep(input.value);
      form.reset();
      return true;
    }
    answer.textContent = "The service does not know this key.";
  } catch (refusal) {
    answer.textContent = refusal.message;
  }
  input.focus();
  return false;
}
