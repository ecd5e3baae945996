/** A case: one thing that a server must do, and how to see from outside whether it does. */

import type { Settings } from "./settings.ts";
import type { TestedServer } from "./tested_server.ts";

/** What a case needs besides the URL of a server. */
export type Need =
  | "keys"
  | "development"
  | "secret"
  | "readKey"
  | "webhook"
  | "presence"
  | "connections"
  | "kept"
  | "push"
  | "no push";

export interface Case {
  /** The id of the rule in the protocol document, or a standard and its section, such as `RFC6455-5.4`. */
  readonly rule: string;
  /** What a conforming server does, as a sentence. */
  readonly title: string;
  readonly needs?: readonly Need[];
  /** The time that it takes at least, if that is more than a few seconds. */
  readonly seconds?: number;
  /** True if it runs alone, because all connections would receive what it sends. */
  readonly isExclusive?: true;
  /** Rejects with a Violation if the server does not conform. */
  readonly run: (server: TestedServer) => Promise<void>;
}

/** Says why a need is not met; null if it is. */
const OBSTACLES: Readonly<Record<Need, (settings: Settings) => string | null>> = {
  keys: ({ key }) => key === null ? "the server needs keys: --key" : null,
  development: ({ key }) => key === null ? null : "the server is not in development mode",
  secret: ({ secret }) => secret === null ? "the suite signs no tokens: --secret" : null,
  readKey: ({ readKey }) => readKey === null ? "there is no key with the scope read alone: --read-key" : null,
  webhook: ({ webhook }) => webhook === null ? "the server posts no messages to the suite: --webhook" : null,
  presence: ({ presence }) =>
    presence === null ? "the server posts no presence to the suite: --presence" : null,
  connections: ({ connections }) =>
    connections === null ? "the limit of connections is not known: --connections" : null,
  kept: ({ kept }) => kept === null ? "the number of notifications that are kept is not known: --kept" : null,
  push: ({ key }) => key === null ? null : "only a server in development mode pushes to the suite",
  "no push": ({ key }) => key === null ? "a server in development mode has Web Push" : null,
};

/** Says why a case cannot be run; null if it can. */
export function obstacleTo({ needs = [], seconds = 0 }: Case, settings: Settings): string | null {
  for (const need of needs) {
    const obstacle = OBSTACLES[need](settings);
    if (obstacle !== null) return obstacle;
  }
  return seconds > settings.patienceSeconds ? `it takes ${seconds} seconds: --patience` : null;
}
