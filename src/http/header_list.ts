/** Parses header fields that are lists (RFC 9110, section 5.6.1). */

const OPTIONAL_WHITE_SPACE = /^[ \t]+|[ \t]+$/g;

/**
 * Returns the elements of a list. White space around a comma is optional, a list may have empty elements, and a comma
 * inside a quoted string separates nothing. Several fields of the same name count as one list, because `Headers` joins
 * them with commas.
 */
export function parseList(header: string | null | undefined): string[] {
  const field = header ?? "";
  const elements: string[] = [];
  let start = 0, isQuoted = false;
  for (let index = 0; index < field.length; index++) {
    const character = field[index];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === "\\" && isQuoted) index++;
    else if (character === "," && !isQuoted) {
      elements.push(field.slice(start, index));
      start = index + 1;
    }
  }
  elements.push(field.slice(start));
  return elements.map((element) => element.replaceAll(OPTIONAL_WHITE_SPACE, "")).filter((one) => one !== "");
}
