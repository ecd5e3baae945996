/** Finds the publisher's own JSON text of each `data` in a request, so that it is delivered as it was posted. */

/**
 * Returns the text of `data`, without line breaks, in the object that `json` is, or in each object of the array. The
 * request must already have passed its schema. Parsing and printing `data` would change numbers: JavaScript turns
 * 12345678901234567890 into 12345678901234567000.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(rawDataOf('{"target":"alexander","data":{"n":12345678901234567890}}'), [
 *   '{"n":12345678901234567890}',
 * ]);
 * ```
 */
export function rawDataOf(json: string): string[] {
  const level = json.trimStart().startsWith("[") ? 2 : 1; // the depth of the object that holds `data`
  const found: string[] = [];
  let depth = 0, key = "", valueStart = -1, data = "";
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (character === '"') {
      const end = endOfString(json, index);
      if (depth === level && valueStart < 0) key = json.slice(index, end + 1);
      index = end;
    } else if (character === ":" && depth === level) {
      valueStart = index + 1;
    } else if (character === "{" || character === "[") {
      depth++;
    } else if (character === "," || character === "}" || character === "]") {
      if (depth === level && valueStart >= 0) {
        if (isData(key)) data = json.slice(valueStart, index); // the last `data` of an object counts, as in JSON.parse
        valueStart = -1;
      }
      if (character === ",") continue;
      if (depth === level) found.push(onOneLine(data));
      depth--;
    }
  }
  return found;
}

/** Returns the index of the quote that closes the string which starts at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1);; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

function isData(key: string): boolean {
  return key === '"data"' || (key.includes("\\") && JSON.parse(key) === "data");
}

/** Removes line breaks, which JSON allows only between tokens, never inside a string. */
function onOneLine(value: string): string {
  return value.trim().replaceAll(/[\n\r]+/g, "");
}
