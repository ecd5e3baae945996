/** `Accept-Encoding` (RFC 9110, section 12.5.3): whether a client accepts a response that is compressed with gzip. */

import { parseList } from "./header_list.ts";

/** False without the header: such a client may not be able to decompress anything. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const weights = new Map(parseList(acceptEncoding?.toLowerCase()).map(parseCoding));
  return (weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0) > 0;
}

function parseCoding(element: string): [coding: string, weight: number] {
  const [coding = "", ...parameters] = element.split(";").map((part) => part.trim());
  const weight = parameters.map((parameter) => /^q\s*=\s*([\d.]+)$/.exec(parameter)?.[1]).find(Boolean);
  return [coding, Number(weight ?? 1)];
}
