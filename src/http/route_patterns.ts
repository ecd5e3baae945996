/** Route patterns: finds the route of a path without its handler, so that what names a request knows no target. */

/** Of the paths of routes, for example `/v1/targets/:target`. */
export class RoutePatterns {
  readonly #plain = new Set<string>();
  readonly #withParams: (readonly string[])[] = []; // the segments of each
  #lastUrl = ""; // most requests have the same URL as the one before
  #lastRoute: string | undefined;

  constructor(paths: Iterable<string>) {
    for (const path of new Set(paths)) {
      if (path.includes(":")) this.#withParams.push(path.split("/"));
      else if (!path.includes("*")) this.#plain.add(path);
    }
  }

  /** Undefined: no route has the path, whatever the method. */
  find(url: string): string | undefined {
    if (url === this.#lastUrl) return this.#lastRoute;
    const path = pathOf(url);
    this.#lastRoute = this.#plain.has(path) ? path : this.#findWithParams(path.split("/"));
    this.#lastUrl = url;
    return this.#lastRoute;
  }

  #findWithParams(given: readonly string[]): string | undefined {
    return this.#withParams.find((segments) =>
      segments.length === given.length &&
      segments.every((segment, index) =>
        segment.startsWith(":") ? given[index] !== "" : segment === given[index]
      )
    )?.join("/");
  }
}

/** The path of the URL of a request, which is absolute and has no fragment. `new URL` would take 2 µs more. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3), end = url.indexOf("?", start);
  return start < 0 ? "/" : end < 0 ? url.slice(start) : url.slice(start, end);
}
