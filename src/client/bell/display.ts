/** What the bell shows of a notification: its data is anything, and comes from outside. */

/** The bell shows no more characters of a text: data may have megabytes. */
const MAX_CHARACTERS = 400;

export interface Display {
  readonly title: string;
  readonly body: string;
  /** Where its link leads; null without one. */
  readonly href: string | null;
}

/** Takes the strings `title`, `body` and `url` of the data. Other data is shown as text. */
export function displayOf(data: unknown, untitled: string): Display {
  const { title, body, url } = Object(data);
  const [first = untitled, second = ""] = [title, body].filter(isText);
  const shown = isText(title) || isText(body) ? first : isText(data) ? data : jsonOf(data) ?? untitled;
  return { title: cut(shown), body: cut(second), href: isText(url) ? hrefOf(url) : null };
}

/** A link leads to a page of the web: `javascript:` and `data:` would run what the publisher wrote. */
function hrefOf(url: string): string | null {
  try {
    const { protocol, href } = new URL(url, document.baseURI);
    return /^https?:$/.test(protocol) ? href : null;
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

/** Null for what is empty, is nested too deeply, or has a `bigint` of the page's reviver. */
function jsonOf(data: unknown): string | null {
  try {
    const text = JSON.stringify(data);
    return /^(""|null|\{\}|\[\])$/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function cut(text: string): string {
  const { length } = text;
  return length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
