/** The app, with hand-made parts behind it and a configuration that a test changes where it matters. */

import type { Hono } from "hono";
import { createHash } from "node:crypto";
import type { Config } from "../../src/config/config.ts";
import { type AppDeps, createApp } from "../../src/http/routes/app.ts";
import { Admission } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";
import { TOKEN_SECRET } from "./auth/signed_token.ts";

export const PUBLISHER_KEY = "publisher-key";
export const ALLOWED_ORIGIN = "https://thefoundingfathers.example";

/** Not for development: with one key, a secret for tokens, and one origin. */
export const CONFIG: Config = {
  host: "127.0.0.1",
  port: 0,
  development: false,
  publisherKeyDigests: [createHash("sha256").update(PUBLISHER_KEY).digest("hex")],
  tokens: { secret: TOKEN_SECRET, jwksUrl: null, issuer: null, audience: null },
  allowedOrigins: [ALLOWED_ORIGIN],
  retention: { seconds: 3_600, perTarget: 1_000, bytes: 1_048_576 },
  outboxBytes: 1_048_576,
  maxConnections: 3,
  maxConnectionsPerTarget: 2,
  drainSeconds: 1,
  messageWebhook: null,
  demo: true,
  journal: { kind: "memory" },
  queue: null,
  logLevel: "info",
};

export interface TestApp {
  readonly app: Hono;
  readonly admission: Admission;
  /** The failures that were reported. */
  readonly reported: unknown[];
}

/** What a test gives the app; the rest is as in {@linkcode CONFIG}, or a part that no request should come to. */
export interface TestParts extends Partial<Omit<AppDeps, "config">> {
  readonly config?: Partial<Config>;
}

export function testApp({ config, ...given }: TestParts = {}): TestApp {
  const resolved = { ...CONFIG, ...config };
  const reported: unknown[] = [];
  const parts = {
    config: resolved,
    admission: new Admission(
      { journal: NO_JOURNAL, nodes: NOBODY_ELSE, slots: new ConnectionSlots(resolved.maxConnections) },
      { ...resolved, lingerMs: 0 },
    ),
    sessions: { attach: unexpected, openEventStream: unexpected },
    receive: unexpected,
    intake: { accept: unexpected },
    nodes: {
      ask: unexpected,
      serve: unexpected,
      members: unexpected,
      announce: unexpected,
      connectionsElsewhere: unexpected,
    },
    journal: { read: unexpected },
    metrics: { read: unexpected, refused() {} },
    snapshotMs: 5,
    isDraining: () => false,
    isReachable: () => true,
    stopping: new AbortController().signal,
    report: (error: unknown) => void reported.push(error),
    ...given,
  };
  return { app: createApp(parts), admission: parts.admission, reported };
}

const NO_JOURNAL = { follow: () => Promise.resolve(), unfollow() {} };

/** No target has connections on other nodes. */
export const NOBODY_ELSE = { announce() {}, connectionsElsewhere: () => 0 };

function unexpected(): never {
  throw new Error("No request of this test was to come so far");
}
