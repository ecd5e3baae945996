/** The app with stubbed collaborators, and a configuration that a test can change. */

import type { Hono } from "hono";
import { createHash } from "node:crypto";
import type { Config } from "../../src/config/config.ts";
import type { ConfiguredKey } from "../../src/config/publisher_keys.ts";
import { BodyReader } from "../../src/http/body_reader.ts";
import { LineStreams } from "../../src/http/line_streams.ts";
import { type AppDeps, createApp } from "../../src/http/routes/app.ts";
import { Admission } from "../../src/connection/admission.ts";
import { ConnectionSlots } from "../../src/connection/connection_slots.ts";
import type { Draft } from "../../src/journal/journal.ts";
import type { ReadChange } from "../../src/journal/read.ts";
import type { ScheduledRecord } from "../../src/schedule/schedule.ts";
import { type Scope, SCOPES } from "../../src/wire/principal.ts";
import { TOKEN_SECRET } from "./auth/signed_token.ts";

export const PUBLISHER_KEY = "publisher-key";
export const ALLOWED_ORIGIN = "https://thefoundingfathers.example";

/** A key that has all scopes, or the given ones. */
export function keyOf(name: string, key: string, scopes: readonly Scope[] = SCOPES): ConfiguredKey {
  return { name, scopes, digest: createHash("sha256").update(key).digest("hex"), isShort: false };
}

/** Not in development mode: one publisher key, a token secret, and one allowed origin. */
export const CONFIG: Config = {
  host: "127.0.0.1",
  port: 0,
  admin: null,
  development: false,
  publisherKeys: [keyOf("key-1", PUBLISHER_KEY)],
  tokens: {
    secret: TOKEN_SECRET,
    oldSecrets: [],
    jwksUrl: null,
    issuer: null,
    audience: null,
    maxSeconds: 2_592_000,
  },
  allowedOrigins: [ALLOWED_ORIGIN],
  retention: { seconds: 3_600, perTarget: 1_000, bytes: 1_048_576 },
  outboxBytes: 1_048_576,
  workers: 1,
  maxConnections: 3,
  maxConnectionsPerTarget: 2,
  maxMemoryBytes: null,
  rateLimits: { keys: new Map(), addressRequests: null, attempts: null, connections: null },
  trustedProxies: [],
  drainSeconds: 1,
  messageWebhook: null,
  presenceWebhook: null,
  lastSeenSeconds: 0,
  push: null,
  demo: true,
  journal: { kind: "memory" },
  queue: null,
  outboxTable: null,
  logLevel: "info",
  accessLog: false,
  warnings: [],
};

/** Changes {@linkcode CONFIG} to development mode. */
export const DEVELOPMENT: Partial<Config> = {
  development: true,
  publisherKeys: [],
  allowedOrigins: null,
};

export interface TestApp {
  readonly app: Hono;
  readonly admin: Hono | null;
  readonly admission: Admission;
  /** The errors that were reported. */
  readonly reported: unknown[];
}

/** Replaces parts of {@linkcode CONFIG}, and collaborators that would otherwise throw on any call. */
export interface TestAppOptions extends Partial<Omit<AppDeps, "config" | "intakes">> {
  /** Of every source. */
  readonly intake?: Partial<ReturnType<AppDeps["intakes"]["from"]> & Pick<AppDeps["intakes"], "mark">>;
  readonly config?: Partial<Config>;
}

export function createTestApp({ config, intake, ...deps }: TestAppOptions = {}): TestApp {
  const resolved = { ...CONFIG, ...config };
  const reported: unknown[] = [];
  const allDeps = {
    config: resolved,
    admission: new Admission(
      { journal: NO_JOURNAL, nodes: NO_OTHER_NODES, slots: new ConnectionSlots(resolved.maxConnections) },
      { ...resolved, lingerMs: 0 },
    ),
    sessions: { attach: unexpected, openEventStream: unexpected },
    publishers: { isFull: false, admit: unexpected },
    upgrades: { add() {}, hasLeaked: false },
    receive: unexpected,
    intakes: {
      mark: (target: string, change: ReadChange) => intake?.mark?.(target, change) ?? unexpected(),
      from: () => ({
        accept: (drafts: readonly Draft[]) => intake?.accept?.(drafts) ?? unexpected(),
        schedule: (records: readonly ScheduledRecord[]) => intake?.schedule?.(records) ?? unexpected(),
        hasRoomFor: (count: number) => intake?.hasRoomFor?.(count) ?? true,
        now: Date.now,
        lifeMs: () => 1000 * resolved.retention.seconds,
        hasPushes: false,
      }),
    },
    bodies: new BodyReader({ isDraining: () => false }),
    streams: new LineStreams({
      stopping: new AbortController().signal,
      report: (error) => void reported.push(error),
    }),
    nodes: {
      ask: unexpected,
      serve: unexpected,
      members: unexpected,
      announce: unexpected,
      connectionsElsewhere: unexpected,
      shareSpending: unexpected,
    },
    quotas: NO_QUOTAS,
    journal: { read: unexpected, inbox: unexpected },
    lastSeen: { of: () => Promise.resolve(null) },
    schedule: { find: () => Promise.resolve(null), cancel: unexpected },
    subscriptions: { add: unexpected, of: unexpected, remove: unexpected, renew: unexpected },
    revocations: { add: unexpected, isRevoked: () => false, isCurrent: true },
    metrics: { refused() {}, requested() {} },
    readMetrics: unexpected,
    refusals: { request() {} },
    onSubscription: unexpected,
    snapshotMs: 5,
    isDraining: () => false,
    isReachable: () => true,
    isShortOfMemory: () => false,
    isWritable: () => true,
    stopping: new AbortController().signal,
    report: (error: unknown) => void reported.push(error),
    ...deps,
  };
  return { ...createApp(allDeps), admission: allDeps.admission, reported };
}

const NO_QUOTAS: AppDeps["quotas"] = { keys: null, addressRequests: null, attempts: null, connections: null };

const NO_JOURNAL = { follow: () => Promise.resolve(), unfollow() {} };

/** No target has connections on other nodes. */
export const NO_OTHER_NODES = { announce() {}, connectionsElsewhere: () => 0 };

/** For a collaborator that no request of a test should reach. */
export function unexpected(): never {
  throw new Error("No request of this test should reach this collaborator");
}
