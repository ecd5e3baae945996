/** References that lead nowhere, in a document that has `$ref`s into itself. */

export function danglingIn(document: unknown): string[] {
  return [...new Set(referencesIn(document))].filter((reference) => !leadsSomewhere(document, reference));
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (
    name === "$ref" && typeof inner === "string" ? [inner] : referencesIn(inner)
  ));
}

/** True for `#/components/schemas/Id` if there is such a thing. */
function leadsSomewhere(document: unknown, reference: string): boolean {
  const [start, ...steps] = reference.split("/");
  let at = start === "#" ? document : undefined;
  for (const step of steps) at = typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined;
  return at !== undefined;
}
