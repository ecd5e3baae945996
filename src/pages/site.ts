/** A site: the files of a page, each by the path that it is served at, as text. */

/** A file as it is served. */
export interface SiteFile {
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
