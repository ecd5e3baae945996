/** `keygen`: prints new secrets, as variables of the service. */

import { Argument, type Command } from "@commander-js/extra-typings";
import { createHash, randomBytes } from "node:crypto";
import { generateVapidKeys } from "../config/vapid.ts";
import { print } from "./output.ts";

const KINDS = ["publisher", "token", "webhook", "vapid"] as const;
type Kind = (typeof KINDS)[number];

/** Secrets of one kind. */
interface Secrets {
  /** What the operator has to know, as comments. */
  readonly notes: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** What the service does not receive, by its name in the JSON. */
  readonly others: Readonly<Record<string, string>>;
}

export function addKeygen(program: Command): void {
  program.command("keygen")
    .summary("make keys and secrets")
    .description(
      "Makes keys and secrets, and prints them as variables for the service. Calls nothing and stores nothing.",
    )
    .addArgument(
      new Argument("[kinds...]", "what to make").choices(KINDS).default(["publisher", "token"] as Kind[]),
    )
    .option("--json", "print JSON")
    .action((kinds, { json = false }) => {
      const made = [...new Set(kinds)].map((kind) => MAKERS[kind]());
      print(json ? jsonOf(made) : made.map(textOf).join("\n\n"));
    });
}

const MAKERS: Readonly<Record<Kind, () => Secrets>> = { publisher, token, webhook, vapid };

/** The service receives only the hash, so whoever reads its variables cannot publish. */
function publisher(): Secrets {
  const key = randomBytes(32).toString("hex");
  const digest = createHash("sha256").update(key).digest("hex");
  return {
    notes: ["Your backend sends this key, and the service receives only its hash:", `  ${key}`],
    variables: { TIDINGS_PUBLISHER_KEYS: `sha256:${digest}` },
    others: { publisher_key: key },
  };
}

function token(): Secrets {
  return {
    notes: ["Signs the tokens of browsers. All nodes need the same one."],
    variables: { TIDINGS_TOKEN_SECRET: randomBytes(32).toString("hex") },
    others: {},
  };
}

function webhook(): Secrets {
  return {
    notes: ["Signs the requests to the message webhook. Your application verifies them with it."],
    variables: { TIDINGS_MESSAGE_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}` },
    others: {},
  };
}

function vapid(): Secrets {
  const { privateKey, publicKey } = generateVapidKeys();
  return {
    notes: [
      "Keep this key: browsers that subscribed with another one have to subscribe again.",
      "Also set TIDINGS_VAPID_SUBJECT to mailto: and your address. The public key is",
      `  ${publicKey}`,
    ],
    variables: { TIDINGS_VAPID_PRIVATE_KEY: privateKey },
    others: { vapid_public_key: publicKey },
  };
}

function textOf({ notes, variables }: Secrets): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [...notes.map((line) => `# ${line}`), ...lines].join("\n");
}

function jsonOf(made: readonly Secrets[]): string {
  return JSON.stringify(
    Object.assign({}, ...made.map(({ variables, others }) => ({ ...variables, ...others }))),
  );
}
