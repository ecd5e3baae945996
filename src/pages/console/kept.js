/** A page of what is kept for a target, with the text of `data` as it was posted. */

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;
const IN_A_NOTIFICATION = 3; // levels: the answer, its array, a notification

/** @param text the answer of the service. JSON.parse would round large numbers, and JSON.stringify fail at deep ones */
export function keptIn(text) {
  const { notifications, ...more } = JSON.parse(text);
  const data = dataTexts(text);
  return { ...more, notifications: notifications.map((one, index) => ({ ...one, data: data[index] })) };
}

function dataTexts(text) {
  const found = [];
  let level = 0, start = null, before = "";
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (level === IN_A_NOTIFICATION) {
      if (start !== null && (token === "," || token === "}")) {
        found.push(text.slice(start, index));
        start = null;
      }
      if (token === ":" && before === '"data"') start = index + 1;
    }
    if (token === "{" || token === "[") level++;
    if (token === "}" || token === "]") level--;
    before = token;
  }
  return found;
}
