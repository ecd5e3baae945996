/** Declarations: what of a module is public, as a `.d.ts` file has it. The SDK exports types and functions alone. */

const EXPORTED =
  /(?:\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export (?:interface [^]*?\n\}|type \w[^]*?;|function [^]*?)(?=\n\n|\n$| \{\n)/g;

/** The exported interfaces and types as they are, and the heads of the exported functions, with their comments. */
export function declarationsOf(source: string): string {
  return (source.match(EXPORTED) ?? []).map(declared).join("\n\n") + "\n";
}

/** An argument with a default may be left out, and examples import the package. */
function declared(text: string): string {
  if (!text.includes("export function ")) return text;
  const head = text.replace("export function", "export declare function")
    .replace(/(\w+)(: [^=\n]+) = \{\}/, "$1?$2")
    .replace('"./client.ts"', '"@tidings/client"')
    .replace('"./react.ts"', '"@tidings/client/react"');
  return `${head};`;
}
