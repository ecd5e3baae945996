/** Builds SVG documents as text, with escaping. */

/** The text of a complete element. */
export type Svg = string & { readonly svg: unique symbol };

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: readonly Svg[]): Svg {
  const attributeText = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${escaped(rounded(value))}"`
  )
    .join("");
  const content = children.join("\n");
  return (content === ""
    ? `<${name}${attributeText}/>`
    : `<${name}${attributeText}>${content}</${name}>`) as Svg;
}

/** Returns escaped text as the content of an element. */
export function text(content: string): Svg {
  return escaped(content) as Svg;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

/** Rounds to tenths of a pixel, which keeps the document small. */
function rounded(value: string | number): string {
  return typeof value === "string" ? value : `${Math.round(value * 10) / 10}`;
}
