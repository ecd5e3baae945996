/** Finds the references of a document, and those that point to nothing. */

/** The `$ref`s of the document to parts of it that do not exist. */
export function danglingReferences(document: unknown): string[] {
  return [...new Set(references(document))].filter((reference) => !exists(document, reference));
}

/** Every `$ref` in a value. */
export function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (
    name === "$ref" && typeof inner === "string" ? [inner] : references(inner)
  ));
}

/** Whether the document has a part at a path such as `#/components/schemas/Id`. */
function exists(document: unknown, reference: string): boolean {
  const [start, ...steps] = reference.split("/");
  let value = start === "#" ? document : undefined;
  for (const step of steps) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  }
  return value !== undefined;
}
