/** A schema: what type it says a value has, and a table of its properties. */

import { element } from "../shared/dom.js";
import { inline, prose } from "./prose.js";

const nameIn = (ref) => ref.slice(ref.lastIndexOf("/") + 1);

/** What a value may be, as text and links to the schemas that have a name. */
export function typeOf({ $ref, type, items, anyOf, oneOf, const: only, enum: some }) {
  if ($ref !== undefined) {
    return [element("a", { href: `#schema-${nameIn($ref)}`, textContent: nameIn($ref) })];
  }
  if (only !== undefined) return [element("code", { textContent: JSON.stringify(only) })];
  if (some !== undefined) return between(some.map((one) => typeOf({ const: one })));
  const alternatives = anyOf ?? (type === undefined ? oneOf : undefined);
  if (alternatives !== undefined) return between(alternatives.map(typeOf));
  if (type === "array") return ["array of ", ...typeOf(items)];
  return [type ?? "any JSON"];
}

/** The card of a schema that has a name. */
export function schemaCard([name, schema]) {
  const id = `schema-${name}`;
  return element(
    "article",
    { id, class: "card", "aria-labelledby": `${id}-heading` },
    element("h3", { id: `${id}-heading`, class: "mono", textContent: name }),
    ...prose(schema.description),
    ...details(name, schema),
  );
}

/** What there is to say of it besides its description. */
function details(name, schema) {
  if (schema.properties !== undefined) return [propertiesOf(name, schema)];
  if (schema.oneOf?.some(({ properties }) => properties !== undefined)) {
    return schema.oneOf.flatMap((one, index) => [
      ...prose(one.description),
      ...details(`${name}, ${index + 1}`, one),
    ]);
  }
  return [element("p", { class: "small" }, ...typeOf(schema), ...inline(limitsOf(schema)))];
}

function limitsOf({ pattern, minItems, maxItems, minLength, maxLength }) {
  const said = [
    minItems !== undefined && maxItems !== undefined && `${minItems} to ${maxItems} of them`,
    minLength !== undefined && maxLength !== undefined && `${minLength} to ${maxLength} characters`,
    pattern !== undefined && `pattern \`${pattern}\``,
  ];
  return said.filter(Boolean).map((one) => `; ${one}`).join("");
}

function propertiesOf(name, { properties, required = [] }) {
  const rows = Object.entries(properties).map(([name, schema]) => (
    element(
      "tr",
      {},
      element("td", { class: "mono name", textContent: required.includes(name) ? name : `${name}?` }),
      element("td", { class: "type" }, ...typeOf(schema)),
      element("td", { class: "about" }, ...inline(schema.description)),
    )
  ));
  return scrolling(element("table", {}, element("tbody", {}, ...rows)), `Properties of ${name}`);
}

/** A table that may be wider than its card. */
export function scrolling(table, label) {
  return element("div", { class: "scroll", role: "region", tabIndex: 0, "aria-label": label }, table);
}

function between(all) {
  return all.flatMap((one, index) => index === 0 ? one : [" | ", ...one]);
}
