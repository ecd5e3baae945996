/** publisher.proto: the messages that are checked in are those that it generates, and the linter of buf accepts it. */

import { assert, assertEquals } from "@std/assert";
import project from "../../../deno.json" with { type: "json" };

const FOLDER = new URL("../../../src/sources/rpc/", import.meta.url);
const GENERATED = "tidings/v1/publisher_pb.ts";
const BUF = project.tasks.proto.command.match(/npm:\S+/)?.[0] ?? "";

interface Outcome {
  readonly success: boolean;
  readonly output: string;
}

async function buf(...args: readonly string[]): Promise<Outcome> {
  const flags = ["--quiet", "--allow-all", "--no-config", "--no-lock"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, BUF, ...args],
    cwd: FOLDER,
  }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** False, with a printed reason, where npm cannot fetch buf. */
async function hasBuf(): Promise<boolean> {
  const { success, output } = await buf("--version");
  if (!success && Deno.env.get("CI")) throw new Error(output);
  if (!success) {
    console.log(`Skipping the tests of publisher.proto, because buf does not run: ${output.slice(0, 200)}`);
  }
  return success;
}

const ignore = !await hasBuf();

Deno.test({
  name: "publisher_pb.ts is what `deno task proto` generates",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const { success, output } = await buf("generate", "--output", folder);
      assert(success, output); // the first run says what it downloads
      const [fresh, checkedIn] = await Promise.all([
        Deno.readTextFile(`${folder}/${GENERATED}`),
        Deno.readTextFile(new URL(GENERATED, FOLDER)),
      ]);
      assertEquals(checkedIn, fresh, "run `deno task proto`");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "publisher.proto follows the rules of buf",
  ignore,
  async fn() {
    assertEquals(await buf("lint"), { success: true, output: "" });
  },
});
