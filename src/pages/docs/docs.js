/** The API reference: shows the two documents that the service describes itself by. */

import { byId, element } from "../shared/dom.js";
import { ask } from "../shared/server.js";
import { operationCard } from "./operation.js";
import { schemaCard, typeOf } from "./schema.js";
import { prose } from "./prose.js";

try {
  show(await ask("/openapi.json"), await ask("/asyncapi.json"));
} catch (refusal) {
  byId("state").textContent = refusal.message;
  byId("state").hidden = false;
}

function show({ tags, paths, components }, { channels, components: { messages, schemas } }) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation }))
  );
  const groups = tags.map(({ name }) => [name, operations.filter(({ tags }) => tags.includes(name))]);
  byId("operations").replaceChildren(...groups.map(group));
  byId("frames").replaceChildren(...Object.values(messages).map(frameCard));
  byId("closes").replaceChildren(...channels.connection["x-close-codes"].map(closeRow));
  const all = Object.entries({ ...schemas, ...components.schemas });
  byId("all-schemas").replaceChildren(...all.map(schemaCard));
  byId("contents").replaceChildren(...groups.map(contents), theRest());
  byId("reference").hidden = false;
  document.getElementById(location.hash.slice(1))?.scrollIntoView(); // it was not there when the browser looked
}

function group([name, operations]) {
  const heading = element("h2", { id: `group-${name}`, class: "heading", textContent: name });
  return element("section", { "aria-labelledby": heading.id }, heading, ...operations.map(operationCard));
}

function contents([name, operations]) {
  const items = operations.map(({ operationId, summary }) => link(operationId, summary));
  return element("div", {}, element("h2", { textContent: name }), element("ul", {}, ...items));
}

function theRest() {
  const items = [link("connection", "Over a connection"), link("schemas", "Schemas")];
  return element("div", {}, element("h2", { textContent: "Read" }), element("ul", {}, ...items));
}

function link(id, textContent) {
  return element("li", {}, element("a", { href: `#${id}`, textContent }));
}

function frameCard({ title, summary, payload }) {
  return element(
    "article",
    { class: "card" },
    element("h3", { textContent: title }),
    ...prose(`${summary}.`),
    element("p", {}, ...typeOf(payload)),
  );
}

function closeRow({ code, reason, then }) {
  return element(
    "tr",
    {},
    element("td", { class: "mono", textContent: code }),
    element("td", { textContent: reason, class: "about" }),
    element("td", { textContent: then, class: "name" }),
  );
}
