/** The card of an operation: its purpose, its parameters and body, curl commands, and its responses. */

import { element } from "../shared/dom.js";
import { needsKey } from "../shared/server.js";
import { curl } from "./curl.js";
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
    element("p", { class: "small muted" }, ...inline(credentialText(rest))),
    ...prose(description),
    ...tableSection("Parameters", parameters.map(parameterRow), operationId),
    ...requestBody === undefined ? [] : bodySection(requestBody),
    ...commands({ operationId, method, path, ...rest }),
    ...tableSection("Responses", Object.entries(responses).map(responseRow), operationId),
  );
}

function credentialText({ security }) {
  if (security.length === 0) return "Needs no key and no token.";
  if (!isForPublishers(security)) return "Needs a subscriber token.";
  const [scope] = security[0].publisherKey;
  return scope === undefined
    ? "Needs a publisher key."
    : `Needs a publisher key with the scope \`${scope}\`.`;
}

function isForPublishers(security) {
  return security.some((scheme) => "publisherKey" in scheme);
}

function tableSection(title, rows, operationId) {
  if (rows.length === 0) return [];
  const table = element("table", {}, element("tbody", {}, ...rows));
  return [element("h4", { textContent: title }), scrolling(table, `${title} of ${operationId}`)];
}

function parameterRow({ name, in: location, schema, description }) {
  return element(
    "tr",
    {},
    element("td", { class: "mono name", textContent: name }),
    element("td", { class: "type" }, `${location}, `, ...typeOf(schema)),
    element("td", { class: "about" }, ...inline(description)),
  );
}

function bodySection({ content }) {
  const { schema } = content["application/json"];
  return [element("h4", { textContent: "Body" }), element("p", { class: "small" }, ...typeOf(schema))];
}

/** Returns a command for each example of a body, or a single one. curl cannot open a WebSocket. */
function commands(operation) {
  if (operation.operationId === "connect") return [];
  const heading = element("h4", { textContent: "Try it" });
  const examples = operation.requestBody?.content["application/json"].examples;
  if (examples === undefined) return [heading, code(commandOf(operation))];
  return [
    heading,
    ...Object.values(examples).map(({ summary, value }, index) =>
      element(
        "details",
        { open: index === 0 },
        element("summary", { textContent: summary }),
        code(commandOf(operation, value)),
      )
    ),
  ];
}

function commandOf({ method, path, parameters = [], security, responses }, body) {
  const examples = parameters.filter((one) => one.in === "path").map(({ name, example }) => [name, example]);
  const filled = examples.reduce((path, [name, example]) => path.replace(`{${name}}`, example), path);
  const isSubscriber = security.length > 0 && !isForPublishers(security);
  return curl({
    method,
    url: isSubscriber && !needsKey ? `${filled}?target=alexander` : filled,
    key: security.length === 0 ? null : isSubscriber ? "$TOKEN" : "$KEY",
    body,
    isStream: "text/event-stream" in (responses[200]?.content ?? {}),
  });
}

function responseRow([status, { description, content = {} }]) {
  const [[type, { schema, example } = {}] = []] = Object.entries(content);
  return element(
    "tr",
    {},
    element("td", { class: "mono name", textContent: status }),
    element("td", { class: "type" }, ...schema === undefined ? [type ?? "no body"] : typeOf(schema)),
    element(
      "td",
      { class: "about" },
      ...inline(description),
      ...example === undefined ? [] : [code(JSON.stringify(example, null, 2))],
    ),
  );
}

function code(text) {
  return element("pre", { tabIndex: 0 }, element("code", { textContent: text }));
}
