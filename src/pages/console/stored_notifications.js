/** Parses a target's stored notifications, and keeps the text of `data` as it was posted. */

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;
const NOTIFICATION_DEPTH = 3; // the response, its array, a notification

/**
 * Returns the parsed page, with each notification's `data` as JSON text. `JSON.parse` alone would round large
 * numbers, and `JSON.stringify` would fail on deeply nested data.
 */
export function parseStoredNotifications(text) {
  const { notifications, ...page } = JSON.parse(text);
  const data = dataTexts(text);
  return { ...page, notifications: notifications.map((one, index) => ({ ...one, data: data[index] })) };
}

function dataTexts(text) {
  const texts = [];
  let depth = 0, start = null, previous = "";
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (depth === NOTIFICATION_DEPTH) {
      if (start !== null && (token === "," || token === "}")) {
        texts.push(text.slice(start, index));
        start = null;
      }
      if (token === ":" && previous === '"data"') start = index + 1;
    }
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    previous = token;
  }
  return texts;
}
