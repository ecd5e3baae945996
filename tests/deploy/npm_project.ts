/** A folder in which npm has installed packages, for programs that run in Node. */

export interface ProgramOutcome {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export class NpmProject {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Installs packages, until the process of the tests ends. Resolves with null, and prints why, where npm cannot do that;
   * in CI it rejects.
   */
  static async install(packages: readonly string[], what: string): Promise<NpmProject | null> {
    const path = await Deno.makeTempDir({ prefix: "tidings-npm-" });
    addEventListener("unload", () => Deno.removeSync(path, { recursive: true }));
    const project = new NpmProject(path);
    await project.write("package.json", '{ "type": "module", "private": true }');
    const { success, stdout, stderr } = await project.run("npm", [
      "install",
      "--no-audit",
      "--no-fund",
      ...packages,
    ]);
    if (success) return project;
    if (Deno.env.get("CI")) throw new Error(stdout + stderr);
    console.log(`Skipping the tests of ${what}, because npm cannot install it: ${stderr.slice(0, 200)}`);
    return null;
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
  }

  /** Runs a program in the folder. */
  async run(program: string, args: readonly string[]): Promise<ProgramOutcome> {
    try {
      const command = new Deno.Command(program, { args: [...args], cwd: this.path });
      const { success, stdout, stderr } = await command.output();
      const decoder = new TextDecoder();
      return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    } catch (error) {
      return { success: false, stdout: "", stderr: `${error}` };
    }
  }
}
