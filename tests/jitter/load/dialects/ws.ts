/** A bare WebSocket: a client subscribes by connecting, and nobody knows what it has missed. */

import type { Dialect, Ear, Language } from "../dialect.ts";

const TARGET = "stream";

class WsDialect implements Dialect {
  path(): string {
    return `/connect?target=${TARGET}`;
  }

  open(ear: Ear): void {
    ear.ready(null);
  }

  take(text: string, ear: Ear): void {
    ear.deliver(JSON.parse(text));
  }
}

export const ws: Language = {
  create: () => new WsDialect(),
  body: (data) => JSON.stringify({ target: TARGET, data }),
};
