/** The command line in a process of its own, with the command of `deno task tidings`. */

import { assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What standard input holds. Null: nothing, at once. */
  readonly stdin?: string | Uint8Array<ArrayBuffer> | null;
  /** It may use this folder instead of `data`. */
  readonly folder?: string;
  /** How many files it may have open, instead of as many as the test. Linux only. */
  readonly openFiles?: number;
}

/** Runs a command until it ends. */
export async function tidings(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { code, stdout, stderr } = await tidingsBytes(args, options);
  return { code, stderr, stdout: new TextDecoder().decode(stdout) };
}

/** The same, for a command that prints something else than text. */
export async function tidingsBytes(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Omit<Ended, "stdout"> & { readonly stdout: Uint8Array<ArrayBuffer> }> {
  const child = spawnTidings(args, options);
  const writer = child.stdin.getWriter();
  const { stdin = null } = options;
  if (stdin !== null) {
    await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin).catch(() => {});
  }
  await writer.close().catch(() => {}); // the command may have ended without reading it
  const { code, stdout, stderr } = await child.output();
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

export function spawnTidings(
  args: readonly string[],
  { environment = {}, folder = "data", openFiles }: CommandOptions = {},
): Deno.ChildProcess {
  const task = project.tasks.tidings.command.replaceAll("=data", `=${folder}`);
  // Quiet: the first run says on standard error what it downloads.
  const [program, ...command] = task.replace("deno run", "deno run --quiet").split(" ");
  assertEquals(program, "deno");
  const limit = openFiles === undefined ? [] : ["prlimit", `--nofile=${openFiles}:${openFiles}`];
  const [path = "", ...words] = [...limit, Deno.execPath(), ...command, ...args];
  return new Deno.Command(path, {
    args: words,
    cwd: ROOT,
    env: { NO_COLOR: "1", ...environment },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The names of all commands, as the help lists them. */
export async function commandNames(): Promise<string[]> {
  const { stdout } = await tidings(["--help"]);
  const [, list = ""] = /^Commands:\n((?: .*\n)+)/m.exec(stdout) ?? [];
  return Array.from(list.matchAll(/^ {2}(\w+)/gm), ([, name = ""]) => name);
}
