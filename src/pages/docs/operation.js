/** An operation: what it is for, what it takes, how to ask it with curl, and what it answers. */

import { element } from "../shared/dom.js";
import { inline, prose } from "./prose.js";
import { scrolling, typeOf } from "./schema.js";

export function operationCard({ operationId, method, path, summary, description, ...rest }) {
  const { parameters = [], requestBody, responses } = rest;
  const heading = `${operationId}-heading`;
  return element(
    "article",
    { id: operationId, class: "card", "aria-labelledby": heading },
    element(
      "p",
      { class: "mono route" },
      element("span", { class: `method ${method}`, textContent: method.toUpperCase() }),
      ` ${path}`,
    ),
    element("h3", { id: heading, textContent: summary }),
    element("p", { class: "small quiet", textContent: askerOf(rest) }),
    ...prose(description),
    ...parameters.length === 0 ? [] : [
      element("h4", { textContent: "Parameters" }),
      scrolling(
        element("table", {}, element("tbody", {}, ...parameters.map(parameterRow))),
        `Parameters of ${operationId}`,
      ),
    ],
    ...requestBody === undefined ? [] : bodyOf(requestBody),
    ...curls({ method, path, ...rest }),
    element("h4", { textContent: "Answers" }),
    scrolling(
      element("table", {}, element("tbody", {}, ...Object.entries(responses).map(answerRow))),
      `Answers to ${operationId}`,
    ),
  );
}

function askerOf({ security }) {
  if (security.length === 0) return "Anyone may ask.";
  return security.some((one) => "publisherKey" in one)
    ? "With a publisher key: Authorization: Bearer KEY."
    : "With a subscriber's token, as Authorization: Bearer, as the cookie tidings_token, or as ?access_token=.";
}

function parameterRow({ name, in: place, schema, description }) {
  return element(
    "tr",
    {},
    element("td", { class: "mono name", textContent: name }),
    element("td", { class: "type" }, `${place}, `, ...typeOf(schema)),
    element("td", { class: "about" }, ...inline(description)),
  );
}

function bodyOf({ content }) {
  const { schema } = content["application/json"];
  return [element("h4", { textContent: "Body" }), element("p", { class: "small" }, ...typeOf(schema))];
}

/** One for each example of a body, or the one there is. What no curl can do has none. */
function curls(operation) {
  if (operation.operationId === "connect") return [];
  const examples = operation.requestBody?.content["application/json"].examples;
  if (examples === undefined) return [code(curlOf(operation))];
  return Object.values(examples).map(({ summary, value }, index) => (
    element(
      "details",
      { open: index === 0 },
      element("summary", { textContent: summary }),
      code(curlOf(operation, value)),
    )
  ));
}

function curlOf({ method, path, parameters = [], security }, body) {
  const examples = parameters.filter((one) => one.in === "path").map(({ name, example }) => [name, example]);
  const filled = examples.reduce((path, [name, example]) => path.replace(`{${name}}`, example), path);
  const credential = security.some((one) => "publisherKey" in one) ? "$KEY" : "$TOKEN";
  return [
    `curl ${method === "delete" ? "-X DELETE " : ""}${location.origin}${filled}`,
    security.length > 0 && `-H "authorization: Bearer ${credential}"`,
    body !== undefined && `-d '${JSON.stringify(body)}'`,
  ].filter(Boolean).join(" \\\n  ");
}

function answerRow([status, { description, content = {} }]) {
  const [[type, { schema, example } = {}] = []] = Object.entries(content);
  return element(
    "tr",
    {},
    element("td", { class: "mono name", textContent: status }),
    element("td", { class: "type" }, ...schema === undefined ? [type ?? "nothing"] : typeOf(schema)),
    element(
      "td",
      { class: "about" },
      ...inline(description),
      ...example === undefined ? [] : [code(pretty(example))],
    ),
  );
}

function code(text) {
  return element("pre", { tabIndex: 0 }, element("code", { textContent: text }));
}

function pretty(value) {
  return JSON.stringify(value, null, 2);
}
