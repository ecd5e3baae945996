/** A site: the files of a page as text, keyed by the path that serves them. */

export interface SiteFile {
  /** The value of `content-type`. */
  readonly type: string;
  readonly text: string;
}

export type Site = Readonly<Record<string, SiteFile>>;

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;

export function file(kind: keyof typeof TYPES, text: string): SiteFile {
  return { type: TYPES[kind], text };
}
