/**
 * Finds the publisher's own JSON text of each `data` in a request. JSON.parse and JSON.stringify would hand on
 * another value: 12345678901234567890 would become 12345678901234567000.
 */

/**
 * The text of `data` in the object, or in each object of the array, that `json` is; without line breaks. The text
 * must have passed its schema: of anything else, nothing sensible is found.
 */
export function rawDataOf(json: string): string[] {
  const level = json.trimStart().startsWith("[") ? 2 : 1; // how deep the members are that `data` is one of
  const found: string[] = [];
  let depth = 0, key = "", valueFrom = -1, data = "";
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (character === '"') {
      const end = endOfString(json, index);
      if (depth === level && valueFrom < 0) key = json.slice(index, end + 1);
      index = end;
    } else if (character === ":" && depth === level) {
      valueFrom = index + 1;
    } else if (character === "{" || character === "[") {
      depth++;
    } else if (character === "," || character === "}" || character === "]") {
      if (depth === level && valueFrom >= 0) {
        if (isData(key)) data = json.slice(valueFrom, index); // the last one counts, as in JSON.parse
        valueFrom = -1;
      }
      if (character === ",") continue;
      if (depth === level) found.push(onOneLine(data));
      depth--;
    }
  }
  return found;
}

/** Where the string that starts at `from` has its closing quote. */
function endOfString(json: string, from: number): number {
  for (let end = json.indexOf('"', from + 1);; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

function isData(key: string): boolean {
  return key === '"data"' || (key.includes("\\") && JSON.parse(key) === "data");
}

/** Line breaks can stand only between the tokens of JSON, never in a string. */
function onOneLine(value: string): string {
  return value.trim().replaceAll(/[\n\r]+/g, "");
}
