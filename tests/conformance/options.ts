/** Parses the command line of the suite. */

import { parseArgs } from "node:util";
import type { Settings, WebhookSettings } from "./settings.ts";

export interface Options {
  readonly settings: Settings;
  /** Beginnings of rule ids; empty: all cases. */
  readonly only: readonly string[];
  readonly output: "tap" | "json";
  readonly isList: boolean;
  readonly isHelp: boolean;
}

/** Thrown when an argument is invalid. */
export class UsageError extends Error {}

export const USAGE = `deno task conformance URL [options]

Tests a server of the Tidings protocol from outside. Without --key, the server must be in development mode.

  --key KEY               a publisher key with all scopes
  --secret SECRET         the secret that signs tokens (HS256); otherwise the server is asked for tokens
  --read-key KEY          a publisher key with the scope read alone
  --origin ORIGIN         an origin whose pages may connect (default: that of URL)
  --webhook URL           where the server posts messages of browsers to; the suite listens there
  --webhook-secret SECRET the secret that signs them: whsec_…
  --presence URL          where the server posts to which targets go online and offline
  --presence-secret SECRET  the secret that signs that
  --connections N         how many connections the server allows a target
  --kept N                how many notifications the server keeps for a target
  --only RULE,…           only these rules, groups or standards: N9, N, RFC6455, RFC6455-5.4
  --patience SECONDS      leaves out cases that take longer (default: 40)
  --deadline SECONDS      a case without a result has failed then (default: 15)
  --json                  prints a line of JSON for each case, instead of TAP
  --list                  prints the cases, and the rules that cannot be seen from outside, and runs nothing
  --help                  prints this

The exit code is 0 if no case has failed, 1 if one has, and 2 if an argument is invalid or no server answers.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", default: false } as const;
const OPTIONS = {
  key: TEXT,
  secret: TEXT,
  "read-key": TEXT,
  origin: TEXT,
  webhook: TEXT,
  presence: TEXT,
  "presence-secret": TEXT,
  "webhook-secret": TEXT,
  connections: TEXT,
  kept: TEXT,
  only: TEXT,
  patience: { ...TEXT, default: "40" },
  deadline: { ...TEXT, default: "15" },
  json: FLAG,
  list: FLAG,
  help: FLAG,
} as const;

/** @throws {UsageError} if an argument is unknown or invalid */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parse(args);
  const [given, ...more] = positionals;
  if (more.length > 0 || (given === undefined && !values.list && !values.help)) {
    throw new UsageError("expected one URL");
  }
  const url = urlOf(given ?? "http://127.0.0.1", "URL");
  const { key = null, secret = null, "read-key": readKey = null } = values;
  if (key === null && (secret ?? readKey) !== null) {
    throw new UsageError("--secret and --read-key need --key");
  }
  return {
    settings: {
      url,
      key,
      readKey,
      secret,
      origin: values.origin ?? url.origin,
      webhook: webhookOf("webhook", { url: values.webhook, secret: values["webhook-secret"] }),
      presence: webhookOf("presence", { url: values.presence, secret: values["presence-secret"] }),
      connections: countOf("connections", values.connections),
      kept: countOf("kept", values.kept),
      patienceSeconds: countOf("patience", values.patience) ?? 0,
      deadlineSeconds: countOf("deadline", values.deadline) ?? 0,
    },
    only: values.only?.split(",") ?? [],
    output: values.json ? "json" : "tap",
    isList: values.list,
    isHelp: values.help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

function urlOf(text: string, name: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${name}: ${text} is no http or https URL`);
  }
  return url;
}

function webhookOf(
  option: "webhook" | "presence",
  { url, secret }: { url: string | undefined; secret: string | undefined },
): WebhookSettings | null {
  if (url === undefined && secret === undefined) return null;
  if (url === undefined || secret === undefined) {
    throw new UsageError(`--${option} and --${option}-secret belong together`);
  }
  if (!/^whsec_[A-Za-z0-9+/]+=*$/.test(secret)) {
    throw new UsageError(`--${option}-secret: expected whsec_ and base64`);
  }
  return { url: urlOf(url, `--${option}`), secret };
}

function countOf(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new UsageError(`--${option} ${text}: expected a number from 1 to 999999`);
  }
  return Number(text);
}
