/** The form that asks for a publisher key, where the service requires one. */

import { isAcceptedKey, needsKey, storedKey, storeKey } from "./server.js";

/**
 * Resolves when this tab has a key that the service accepts; at once if it needs none or has one stored.
 *
 * @param reason shown to the user when the page asks for a key again
 */
export async function publisherKey(form, reason = "") {
  if (!needsKey || storedKey() !== null) return;
  form.querySelector("[role=status]").textContent = reason;
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
  const input = form.querySelector("input"), message = form.querySelector("[role=status]");
  message.textContent = "";
  try {
    if (await isAcceptedKey(input.value)) {
      storeKey(input.value);
      form.reset();
      return true;
    }
    message.textContent = "The service does not accept this key.";
  } catch (error) {
    message.textContent = error.message;
  }
  input.focus();
  return false;
}
