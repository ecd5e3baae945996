/** The form that asks for a publisher key, where the service requires one. */

import { needsKey, scopesOf, storedKey, storeKey } from "./server.js";

/**
 * Resolves when this tab has a key that the service accepts; at once if it needs none or has one stored.
 *
 * @param scopes what the key must be allowed to do
 * @param reason shown to the user when the page asks for a key again
 */
export async function publisherKey(form, { scopes, reason = "" }) {
  if (!needsKey || storedKey() !== null) return;
  form.querySelector("[role=status]").textContent = reason;
  form.hidden = false;
  await new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (await tryKey(form, scopes)) resolve();
    };
  });
  form.hidden = true;
}

async function tryKey(form, scopes) {
  const input = form.querySelector("input"), message = form.querySelector("[role=status]");
  message.textContent = "";
  try {
    const allowed = await scopesOf(input.value);
    const missing = scopes.filter((scope) => !allowed?.includes(scope));
    if (missing.length === 0) {
      storeKey(input.value);
      form.reset();
      return true;
    }
    message.textContent = allowed === null
      ? "The service does not accept this key."
      : `This key lacks the scope ${missing.join(" and ")}.`;
  } catch (error) {
    message.textContent = error.message;
  }
  input.focus();
  return false;
}
