/** Bundles the SDK for browsers, with esbuild and terser. The service has no bundler: it serves the bundle that is checked in. */

import { minify } from "terser";
import project from "../../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";

/** The modules by their entry points, and what each imports instead of containing it. */
export const EXTERNAL: Readonly<Record<string, readonly string[]>> = {
  "client.ts": ["./tab_election.ts"],
  "tab_election.ts": [],
  "inbox.ts": [],
  "bell/bell.ts": ["../client.ts", "../inbox.ts"],
  "publisher/publisher.ts": [],
  "push/push.ts": [],
  "push/push_worker.ts": [],
  "react.ts": ["react", "./client.ts", "./use_inbox.ts"],
  "use_inbox.ts": ["react", "./inbox.ts"],
};
const EXTERNAL_PATH = /"\.{1,2}\/(client|inbox|tab_election|use_inbox)\.ts"/g;

type ServedBundle =
  | "client.ts"
  | "tab_election.ts"
  | "inbox.ts"
  | "bell/bell.ts"
  | "push/push.ts"
  | "push/push_worker.ts";

/** The files that the service serves, by their entry points. A test fails if one is older than its sources. */
export const SERVED_BUNDLES: Readonly<Record<ServedBundle, URL>> = {
  "client.ts": new URL("../client.min.js", import.meta.url),
  "tab_election.ts": new URL("../tab_election.min.js", import.meta.url),
  "inbox.ts": new URL("../inbox.min.js", import.meta.url),
  "bell/bell.ts": new URL("../bell.min.js", import.meta.url),
  "push/push.ts": new URL("../push.min.js", import.meta.url),
  "push/push_worker.ts": new URL("../push_worker.min.js", import.meta.url),
};

const BANNER = "/* Tidings */";

/** A classic script: service workers load it by `importScripts`. As a module, it runs the same. */
const SCRIPT = "push/push_worker.ts";

/** The style of the bell, which its module imports by this name. esbuild minifies it only if that is done before. */
const STYLE = "bell.css";

/** The oldest engines that the guide of the SDK names. They have private methods, and the APIs that the SDK calls. */
const ENGINES = "chrome92,edge92,firefox105,safari15,node20";

/** Names of the browser that look like the SDK's own. Those of service workers are not used elsewhere. */
const NAMES = "onLine|isConnected|isArray|isFinite|isInteger";
const WORKER_NAMES = "active|waiting";

/**
 * Names that only the SDK uses: callbacks, flags, and some members of its classes. No option, event or field of them is
 * named like that, nor what tabs of different versions say to each other.
 */
const OWN_NAMES =
  "(on|is|has)[A-Z].*|active|addOlder|address|answered|apply|asOf|ask|assume|assumed|changed|check|checkTarget|" +
  "closed|connectionId|covers|deliver|dispatch|effectOn|ended|flush|loadedAt|minMs|older|oldest|ownOptions|ping|" +
  "removed|resend|reset|settle|sharedName|startAnew|stop|taken|unloaded|waiting|wake|watchdog";

/**
 * Bundles a module of `src/client/` and what it imports into one module, next to which the others are to lie.
 *
 * @param format an ES module, or CommonJS; a script that imports and exports nothing is both
 * @returns the minified text
 */
export async function bundleClient(entry: string, format: "esm" | "cjs" = "esm"): Promise<string> {
  const style = await Deno.makeTempFile({ suffix: ".css" });
  try {
    await Deno.writeTextFile(style, await bundle([pathOf(`bell/${STYLE}`), "--minify"]));
    const text = await bundle([
      pathOf(entry),
      ...(EXTERNAL[entry] ?? []).map((specifier) => `--external:${specifier}`),
      `--alias:${STYLE}=${style}`,
      "--loader:.css=text",
      "--minify",
      `--mangle-props=^(${OWN_NAMES})$`,
      `--reserve-props=^(${entry.startsWith("push/") ? WORKER_NAMES : NAMES})$`,
      `--target=${ENGINES}`,
      `--format=${entry === SCRIPT ? "iife" : format}`,
    ]);
    return await shorten(text.replaceAll(EXTERNAL_PATH, `"./$1.${format === "esm" ? "js" : "cjs"}"`));
  } finally {
    await Deno.remove(style);
  }
}

/** terser gives the names that esbuild has shortened again, so that gzip finds more repetitions: 130 bytes fewer. */
async function shorten(text: string): Promise<string> {
  const compress = { directives: false, hoist_funs: true, keep_fargs: false, lhs_constants: false }; // keeps "use client"
  const { code = "" } = await minify(text, {
    module: true,
    ecma: 2020,
    compress,
    format: { preamble: BANNER },
  });
  return `${code}\n`;
}

function pathOf(file: string): string {
  return new URL(`../${file}`, import.meta.url).pathname;
}

/**
 * Bundles one module, an ES module by default, with the options of esbuild's command line. The command line leaves no
 * process behind; esbuild's API does, and Deno cannot see when that ends.
 */
export async function bundle(options: readonly string[]): Promise<string> {
  return await runTool(project.imports.esbuild, ["--format=esm", ...options, "--bundle"]);
}
