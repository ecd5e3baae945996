/** A site: the files of a page as text, keyed by the path that serves them. */

export interface SiteFile {
  /** The value of `content-type`. */
  readonly type: string;
  /** Returns the content. It is called once, on the first request. */
  readonly text: () => string;
}

export type Site = Readonly<Record<string, SiteFile>>;

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
} as const;

/**
 * @param text the content, or a function that builds it, for content that takes so long that startup should not
 *   wait for it
 */
export function file(kind: keyof typeof TYPES, text: string | (() => string)): SiteFile {
  return { type: TYPES[kind], text: typeof text === "string" ? () => text : text };
}
