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

/** Removes the link to the console from all pages, for a port that does not serve it. */
export function withoutConsole(site: Site): Site {
  const files = Object.entries(site).map((
    [path, { type, text }],
  ) => [path, {
    type,
    text: type === TYPES.html ? text.replace(/<a href="console">Console<\/a>/, "") : text,
  }]);
  return Object.fromEntries(files);
}

export function file(kind: keyof typeof TYPES, text: string): SiteFile {
  return { type: TYPES[kind], text };
}
