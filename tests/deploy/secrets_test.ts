/** Tests of the secrets in the shipped files: what the guide creates is what is mounted, and the service reads it. */

import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { configFrom, VARIABLES } from "../../src/config/config.ts";

const FOLDER = new URL("../../deploy/", import.meta.url);

const guide = await Deno.readTextFile(new URL("README.md", FOLDER));

/** The variables in a file whose value is a path: their names and paths. */
function pathsIn(text: string): Record<string, string> {
  const pairs = text.matchAll(/\b(TIDINGS_\w+_FILE)(?:: |=|\n\s+value: )(\S+)/g);
  return Object.fromEntries(Array.from(pairs, ([, name = "", path = ""]) => [name, path]));
}

/** Runs the commands with which the quick start creates the secrets. Resolves with their folder and what they print. */
async function createSecrets(cwd: string): Promise<{ folder: string; printed: string }> {
  const [, commands = ""] = /^Create the secrets[^`]*```sh\n([^`]+)```/m.exec(guide) ?? [];
  assert(commands !== "");
  await Deno.mkdir(`${cwd}/deploy`);
  const command = new Deno.Command("sh", { args: ["-euc", `umask 077\n${commands}`], cwd, stdout: "piped" });
  const { success, stdout } = await command.output();
  assert(success);
  return { folder: `${cwd}/deploy/secrets`, printed: new TextDecoder().decode(stdout).trim() };
}

Deno.test("The quick start creates the files that compose and Kubernetes mount, readable in a folder that is not", async () => {
  const cwd = await Deno.makeTempDir();
  const { folder, printed } = await createSecrets(cwd);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
  assertEquals(names, ["publisher_keys", "token_secret"]);
  assertEquals((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
  for (const name of names) assertEquals((Deno.statSync(`${folder}/${name}`).mode ?? 0) & 0o777, 0o644);

  const config = configFrom({
    TIDINGS_PUBLISHER_KEYS_FILE: `${folder}/publisher_keys`,
    TIDINGS_TOKEN_SECRET_FILE: `${folder}/token_secret`,
  });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(printed));
  assertEquals(config.publisherKeys.map(({ digest }) => digest), [new Uint8Array(digest).toHex()]);
  assertEquals([config.development, config.tokens.secret?.length], [false, 64]);
  await Deno.remove(cwd, { recursive: true });
});

const REQUIRED = {
  TIDINGS_PUBLISHER_KEYS_FILE: "publisher_keys",
  TIDINGS_TOKEN_SECRET_FILE: "token_secret",
};

for (const file of ["compose.yaml", "compose.cluster.yaml"]) {
  Deno.test(`${file} mounts the secrets where the service looks for them`, async () => {
    const text = await Deno.readTextFile(new URL(file, FOLDER));
    const expected = Object.entries(REQUIRED).map(([name, secret]) => [name, `/run/secrets/${secret}`]);
    assertEquals(pathsIn(text), Object.fromEntries(expected));
    const [, used = ""] = /secrets: \[([^\]]+)\]/.exec(text) ?? [];
    const [, defined = ""] = text.split(/^secrets:\n/m);
    const files = Array.from(
      defined.matchAll(/^ {2}(\w+):\n {4}file: secrets\/(\w+)$/gm),
      ([, ...names]) => names,
    );
    assertEquals(files, used.split(", ").map((name) => [name, name]));
    assertEquals(files.map(([name]) => name), Object.values(REQUIRED));
  });
}

for (const file of ["kubernetes/one_node.yaml", "kubernetes/cluster.yaml"]) {
  Deno.test(`${file} mounts the secret where the service looks for it, for its user`, async () => {
    const text = await Deno.readTextFile(new URL(file, FOLDER));
    const [, mountPath = ""] = /\{ name: secrets, mountPath: (\S+), readOnly: true \}/.exec(text) ?? [];
    assert(mountPath.startsWith("/run/secrets/"));
    const expected = Object.entries(REQUIRED).map(([name, secret]) => [name, `${mountPath}/${secret}`]);
    assertEquals(pathsIn(text), Object.fromEntries(expected));
    const volume = /- name: secrets\n\s+secret: \{ secretName: (\w+), defaultMode: 0440 \}/;
    const [, name = ""] = volume.exec(text) ?? [];
    assert(text.includes(`create secret generic ${name} --from-file=deploy/secrets\n`));
    assert(guide.includes(`create secret generic ${name} --from-file=deploy/secrets\n`));
    assert(/^ {8}fsGroup: 1993\b/m.test(text), "the mode lets the group read");
  });
}

Deno.test("tidings.env.example names variables that exist, has no secret, and puts files where compose mounts them", async () => {
  const text = await Deno.readTextFile(new URL("tidings.env.example", FOLDER));
  const names = Array.from(text.matchAll(/^#? ?(TIDINGS_\w+)=/gm), ([, name = ""]) => name);
  assert(names.length > 0);
  assertEquals(names.filter((name) => !VARIABLES.includes(name)), []);
  assertEquals(names.filter((name) => VARIABLES.includes(`${name}_FILE`)), []);
  for (const path of Object.values(pathsIn(text))) assert(path.startsWith("/run/secrets/"), path);
});

Deno.test("The process may read the mounted secrets", async () => {
  const { tasks } = z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) })
    .parse(JSON.parse(await Deno.readTextFile(new URL("../deno.json", FOLDER))));
  for (const task of ["start", "dev"]) {
    assert(tasks[task]?.command.includes("--allow-read=data,/run/secrets,src"), task);
  }
});
