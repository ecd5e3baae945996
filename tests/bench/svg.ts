/** SVG as text: elements within elements, escaped. */

/** An element that is complete. */
export type Svg = string & { readonly svg: unique symbol };

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: readonly Svg[]): Svg {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(shortened(value))}"`)
    .join("");
  const content = children.join("\n");
  return (content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`) as Svg;
}

/** Text as the content of an element. */
export function text(content: string): Svg {
  return escaped(content) as Svg;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
}

/** Nobody sees a hundredth of a pixel. */
function shortened(value: string | number): string {
  return typeof value === "string" ? value : `${Math.round(value * 10) / 10}`;
}
