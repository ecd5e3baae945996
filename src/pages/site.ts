/** A site: the files of a page, each by the path that it is served at, as text. */

/** A file as it is served. */
export interface SiteFile {
  readonly type: string;
  /** Called once, when the first asks for it. */
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

/** @param text as it is, or what makes it if it takes a while, so that no start waits for it */
export function file(kind: keyof typeof TYPES, text: string | (() => string)): SiteFile {
  return { type: TYPES[kind], text: typeof text === "string" ? () => text : text };
}
