/** Renders the Markdown that the two documents use: paragraphs, and code in backticks. */

import { element } from "../shared/dom.js";

/** Returns a paragraph for each block of text between empty lines. */
export function prose(text = "", properties = {}) {
  const blocks = text.split("\n\n").filter((block) => block !== "");
  return blocks.map((block) => element("p", properties, ...inline(block)));
}

/** Returns the text as strings and `code` elements. */
export function inline(text = "") {
  return text.split("`").map((part, index) => (
    index % 2 === 0 ? part : element("code", { textContent: part })
  ));
}
