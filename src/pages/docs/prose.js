/** Prose as the documents have it: paragraphs, and code in backticks. */

import { element } from "../shared/dom.js";

/** A paragraph for each that an empty line sets off. */
export function prose(text = "", properties = {}) {
  return text.split("\n\n").filter((one) => one !== "").map((one) => (
    element("p", properties, ...inline(one))
  ));
}

/** Text, and `code`. */
export function inline(text = "") {
  return text.split("`").map((part, index) => (
    index % 2 === 0 ? part : element("code", { textContent: part })
  ));
}
