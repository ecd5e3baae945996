/** A copy of the sources and of the simulation in a temporary directory, to which one mutation after the other is made. */

import type { Mutation } from "./mutation.ts";

/** What the search for a violation in a mutated copy has found. */
export interface SearchResult {
  /** Null: no history noticed the mutation. */
  readonly found: string | null;
  readonly ms: number;
}

const ROOT = new URL("../../../", import.meta.url);
/** What the simulation needs of the repository. Of `src/`, it needs no pages, no SDK and no command line. */
const COPIED = ["src/", "tests/simulation/", "tests/std/", "tests/random.ts", "deno.lock"];
const LEFT_OUT = ["src/client/", "src/pages/", "src/cli/"];
const MAX_MS = 60_000; // a mutant that hangs is noticed too

export class SourcesCopy implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<SourcesCopy> {
    const folder = await Deno.makeTempDir({ prefix: "tidings_mutants_" });
    for (const path of COPIED) await copy(path, folder);
    const { imports, unstable, links } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports, unstable, links }));
    return new SourcesCopy(folder);
  }

  /**
   * Makes the mutation, searches for a history that notices it, and reverts it.
   *
   * @throws {Error} if the text of the mutation is not there exactly once
   */
  async search({ file, find, replace }: Mutation, { maxSeeds }: { maxSeeds: number }): Promise<SearchResult> {
    const path = `${this.#folder}/src/${file}`, text = await Deno.readTextFile(path);
    const { length } = text.split(find);
    if (length !== 2) throw new Error(`src/${file} has this text ${length - 1} times: ${find}`);
    await Deno.writeTextFile(path, text.replace(find, () => replace));
    try {
      return await this.#run(maxSeeds);
    } finally {
      await Deno.writeTextFile(path, text);
    }
  }

  async #run(maxSeeds: number): Promise<SearchResult> {
    const startedAt = performance.now(), signal = AbortSignal.timeout(MAX_MS);
    const script = "tests/simulation/mutations/search.ts";
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--cached-only", "--allow-all", script, String(maxSeeds)],
      cwd: this.#folder,
      signal,
    }).output();
    const ms = performance.now() - startedAt, decoder = new TextDecoder();
    if (signal.aborted) return { found: `the simulation hung for ${MAX_MS / 1_000} seconds`, ms };
    if (code !== 0) throw new Error(`the search failed: ${decoder.decode(stderr)}`);
    return { found: JSON.parse(decoder.decode(stdout)), ms };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** @param path ends with a slash if it is of a folder */
async function copy(path: string, folder: string): Promise<void> {
  if (LEFT_OUT.includes(path)) return;
  if (!path.endsWith("/")) return await Deno.copyFile(new URL(path, ROOT), `${folder}/${path}`);
  await Deno.mkdir(`${folder}/${path}`, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(new URL(path, ROOT))) {
    await copy(`${path}${name}${isDirectory ? "/" : ""}`, folder);
  }
}
