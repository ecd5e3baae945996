/** Renders JSON schemas: the type of a value in one line, and the properties of an object as a table. */

import { element } from "../shared/dom.js";
import { inline, prose } from "./prose.js";

const MAX_PATTERN = 30; // characters; a longer regular expression says less than the description beside it

const nameIn = (ref) => ref.slice(ref.lastIndexOf("/") + 1);

/** Returns the type of a value as strings, with links to the schemas that have a name. */
export function typeOf({ $ref, type, items, anyOf, oneOf, const: only, enum: values }) {
  if ($ref !== undefined) {
    return [element("a", { href: `#schema-${nameIn($ref)}`, textContent: nameIn($ref) })];
  }
  if (only !== undefined) return [element("code", { textContent: JSON.stringify(only) })];
  if (values !== undefined) return alternatives(values.map((value) => typeOf({ const: value })));
  const types = anyOf ?? (type === undefined ? oneOf : undefined);
  if (types !== undefined) return alternatives(types.map(typeOf));
  if (type === "array") return ["array of ", ...typeOf(items)];
  if (Array.isArray(type)) return [type.join(" | ")];
  return [type ?? "any JSON"];
}

function alternatives(types) {
  return types.flatMap((type, index) => index === 0 ? type : [" | ", ...type]);
}

/** Returns the card of a schema that has a name. */
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

function details(name, schema) {
  if (schema.properties !== undefined) return [propertiesTable(name, schema)];
  if (schema.oneOf?.some(({ properties }) => properties !== undefined)) {
    return schema.oneOf.flatMap((one, index) => [
      ...prose(one.description),
      ...details(`${name}, ${index + 1}`, one),
    ]);
  }
  const limits = limitsOf(schema);
  return [element("p", { class: "small" }, ...typeOf(schema), ...inline(limits === "" ? "" : `; ${limits}`))];
}

function propertiesTable(name, { properties, required = [] }) {
  const rows = Object.entries(properties).map(([name, schema]) =>
    propertyRow(required.includes(name) ? name : `${name}?`, schema)
  );
  return scrolling(element("table", {}, element("tbody", {}, ...rows)), `Properties of ${name}`);
}

function propertyRow(name, schema) {
  const about = [schema.description, limitsOf(schema)].filter(Boolean).join("; ");
  return element(
    "tr",
    {},
    element("td", { class: "mono name", textContent: name }),
    element("td", { class: "type" }, ...typeOf(schema)),
    element("td", { class: "about" }, ...inline(about)),
  );
}

/** Returns the limits of a value as text. */
function limitsOf({ pattern, format, ...schema }) {
  const limits = [
    range(schema.minItems, schema.maxItems, "items"),
    range(schema.minLength, schema.maxLength, "characters"),
    schema.maximum < Number.MAX_SAFE_INTEGER && range(schema.minimum, schema.maximum, ""),
    format === "date-time" && "for example `2026-07-04T09:00:00.000Z`",
    format === undefined && pattern?.length <= MAX_PATTERN && `pattern \`${pattern}\``,
  ];
  return limits.filter(Boolean).join("; ");
}

function range(min, max, unit) {
  if (min === undefined || max === undefined) return "";
  return `${min.toLocaleString("en")} to ${max.toLocaleString("en")} ${unit}`.trim();
}

/** Returns a container that scrolls where the table is wider than its card. */
export function scrolling(table, label) {
  return element("div", { class: "scroll", role: "region", tabIndex: 0, "aria-label": label }, table);
}
