/** Tests of the image: it runs the command of `deno task start` with exactly its permissions. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { VERSION } from "../../src/wire/version.ts";

Deno.test("The Dockerfile gives the service the permissions of the task `start`", async () => {
  const dockerfile = await Deno.readTextFile(new URL("../../deploy/Dockerfile", import.meta.url));
  const command: string[] = JSON.parse(
    /^CMD (\[[^\]]*\])/m.exec(dockerfile)?.[1]?.replaceAll("\\\n", "") ?? "[]",
  );
  const permissions = (words: readonly string[]) => words.filter((word) => word.startsWith("--allow"));
  assertEquals(permissions(command), permissions(project.tasks.start.command.split(" ")));
  assertEquals(command.at(-1), project.tasks.start.command.split(" ").at(-1));
});

Deno.test("The Dockerfile uses the Deno that the README names", async () => {
  const [dockerfile, readme] = await Promise.all(
    ["deploy/Dockerfile", "README.md"].map((path) =>
      Deno.readTextFile(new URL(`../../${path}`, import.meta.url))
    ),
  );
  const images = new Set(dockerfile?.match(/(?<=denoland\/deno:)[\d.]+/g));
  assertEquals(images, new Set(readme?.match(/(?<=deno@)[\d.]+(?= task)/g)));
});

Deno.test("The image's `tidings` gives the command line the permissions of the task `tidings`", async () => {
  const url = new URL("../../deploy/tidings.sh", import.meta.url);
  const script = (await Deno.readTextFile(url)).replaceAll("\\\n", "");
  const permissions = (text: string) => text.split(/\s+/).filter((word) => /^--(allow|v8)/.test(word));
  assertEquals(permissions(script), permissions(project.tasks.tidings.command));
  assertStringIncludes(script, 'src/cli/tidings.ts "$@"');
  assert(((await Deno.stat(url)).mode ?? 0) & 0o001, "everyone may run it");
});

Deno.test("The image has the licence, and a label with the version", async () => {
  const dockerfile = await Deno.readTextFile(new URL("../../deploy/Dockerfile", import.meta.url));
  assertStringIncludes(dockerfile, `org.opencontainers.image.version="${VERSION}"`);
  const [, base] = /base\.name="docker\.io\/([^"]+)"/.exec(dockerfile) ?? [];
  assertStringIncludes(dockerfile, `\nFROM ${base}\n`);
  assertStringIncludes(dockerfile, "\nCOPY main.ts LICENSE ./\n");
  const context = await Deno.readTextFile(new URL("../../.dockerignore", import.meta.url));
  for (const path of ["LICENSE", "deploy/memory_limit.sh", "deploy/tidings.sh"]) {
    assertStringIncludes(context, `\n!${path}\n`);
  }
});
