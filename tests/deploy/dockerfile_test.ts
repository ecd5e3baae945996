/** Tests of the image: it runs the command of `deno task start` with exactly its permissions. */

import { assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };

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
  const images = new Set(dockerfile?.match(/(?<=denoland\/deno:)\S+/g));
  assertEquals(images, new Set(readme?.match(/(?<=deno@)[\d.]+(?= task)/g)));
});
