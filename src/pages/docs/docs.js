/** The API reference: renders the OpenAPI and the AsyncAPI document of the service. */

import { byId, element } from "../shared/dom.js";
import { requestJson } from "../shared/server.js";
import { showIntroduction } from "./introduction.js";
import { operationCard } from "./operation.js";
import { prose } from "./prose.js";
import { schemaCard, typeOf } from "./schema.js";

const wideWindow = matchMedia("(min-width: 64rem)");

try {
  show(await requestJson("/openapi.json"), await requestJson("/asyncapi.json"));
} catch (error) {
  byId("state").textContent = error.message;
  byId("state").hidden = false;
}

function show({ info, tags, paths, components }, { channels, components: { messages, schemas } }) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation }))
  );
  const groups = tags.map(({ name }) => [name, operations.filter(({ tags }) => tags.includes(name))]);
  showIntroduction(info);
  byId("operations").replaceChildren(...groups.map(operationGroup));
  byId("frames").replaceChildren(...Object.values(messages).map(frameCard));
  byId("closes").replaceChildren(...channels.connection["x-close-codes"].map(closeCodeRow));
  const all = Object.entries({ ...schemas, ...components.schemas });
  byId("all-schemas").replaceChildren(...all.map(schemaCard));
  showContents(groups);
  byId("reference").hidden = false;
  // The browser looked for the fragment's element before the page had created it.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function operationGroup([name, operations]) {
  const heading = element("h2", { id: `group-${name}`, class: "heading", textContent: name });
  return element("section", { "aria-labelledby": heading.id }, heading, ...operations.map(operationCard));
}

/**
 * Shows the contents: always open beside the text in a wide window, and folded above the text in a narrow
 * one.
 */
function showContents(groups) {
  byId("contents-groups").replaceChildren(
    contentsGroup("Start", [["introduction", "Introduction"], ["authentication", "Authentication"]]),
    ...groups.map(([name, operations]) =>
      contentsGroup(name, operations.map(({ operationId, summary }) => [operationId, summary]))
    ),
    contentsGroup("Reference", [["connection", "Over a connection"], ["schemas", "Schemas"]]),
  );
  const details = byId("contents").firstElementChild;
  details.open = wideWindow.matches;
  wideWindow.onchange = () => details.open = wideWindow.matches;
}

function contentsGroup(name, links) {
  const items = links.map(([id, textContent]) =>
    element("li", {}, element("a", { href: `#${id}`, textContent }))
  );
  return element("div", {}, element("h2", { textContent: name }), element("ul", {}, ...items));
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

function closeCodeRow({ code, reason, then }) {
  return element(
    "tr",
    {},
    element("td", { class: "mono", textContent: code }),
    element("td", { textContent: reason, class: "about" }),
    element("td", { textContent: then, class: "name" }),
  );
}
