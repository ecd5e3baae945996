/** A folder of a test, in which programs run that know nothing of the project. */

const ENVIRONMENT = { NO_COLOR: "1", REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

export interface Outcome {
  readonly success: boolean;
  readonly stdout: string;
  /** What it printed as errors. */
  readonly stderr: string;
}

/** A folder that is removed at the end of the test. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  constructor() {
    this.path = Deno.makeTempDirSync({ prefix: "tidings-reference-" });
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
  }

  /** Runs a program in this folder. */
  async run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    const options = { args: [...args], cwd: this.path, env: { ...ENVIRONMENT, ...env } };
    const { success, stdout, stderr } = await new Deno.Command(program, options).output();
    const decoder = new TextDecoder();
    return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Runs a module, or a package of npm, with Deno. */
  async runModule(specifier: string, args: readonly string[] = []): Promise<Outcome> {
    const flags = ["--quiet", "--no-config", "--no-lock", "--check", "--allow-all"];
    return await this.run(Deno.execPath(), ["run", ...flags, specifier, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
