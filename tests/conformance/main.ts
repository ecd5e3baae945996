/** `deno task conformance`: runs the cases against a URL, and prints what came of them. */

import { type Options, parseOptions, USAGE, UsageError } from "./options.ts";
import { type Result, run } from "./runner.ts";
import { casesOf } from "./suite.ts";
import { jsonOf, TAP_HEADER, tapEnd, tapOf } from "./tap.ts";
import { UNSEEN } from "./unseen.ts";

/** Resolves with the exit code. */
async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.isHelp) {
    console.log(USAGE);
    return 0;
  }
  const cases = casesOf(options.only);
  if (cases.length === 0) throw new UsageError(`--only: there is no case of ${options.only.join(", ")}`);
  if (options.isList) return list(options);
  const reason = await reasonOfSilence(options);
  if (reason !== null) {
    console.error(`cannot reach ${options.settings.url.href}: ${reason}`);
    return 2;
  }
  const isTap = options.output === "tap";
  const results: Result[] = [];
  if (isTap) console.log(TAP_HEADER);
  for await (const result of run(cases, options.settings)) {
    results.push(result);
    console.log(isTap ? tapOf(result, results.length) : jsonOf(result));
  }
  if (isTap) console.log(tapEnd(results));
  return results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

/** Why nothing answers at the URL. Null: a server does. Otherwise each case would fail for the same reason. */
async function reasonOfSilence({ settings: { url, deadlineSeconds } }: Options): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(deadlineSeconds * 1_000);
    const response = await fetch(url, { redirect: "manual", signal });
    await response.body?.cancel();
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.cause instanceof Error ? error.cause.message : error.message;
  }
}

function list({ only, output }: Options): number {
  for (const { rule, title } of casesOf(only)) {
    console.log(output === "json" ? JSON.stringify({ rule, title }) : `${rule}  ${title}`);
  }
  if (only.length > 0) return 0;
  for (const [rule, unseen] of Object.entries(UNSEEN)) {
    console.log(output === "json" ? JSON.stringify({ rule, unseen }) : `${rule}  cannot be seen: ${unseen}`);
  }
  return 0;
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  Deno.exit(2);
}
