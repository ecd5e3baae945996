/** A disk of a few megabytes, which a test fills or makes read-only. It needs Linux and root. */

export class SmallDisk implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  /** Resolves with null, and prints why, if the system does not let this process mount a disk. */
  static async mount(megabytes: number): Promise<SmallDisk | null> {
    const folder = await Deno.makeTempDir();
    const error = await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder);
    if (error === "") return new SmallDisk(folder);
    console.log(`skipped: cannot mount a disk: ${error}`);
    await Deno.remove(folder);
    return null;
  }

  /** Takes up all the room that is left. */
  fill(): void {
    using file = Deno.openSync(`${this.folder}/filler`, { create: true, append: true });
    for (const size of [65_536, 1]) {
      try {
        for (;;) file.writeSync(new Uint8Array(size));
      } catch {
        continue; // full
      }
    }
  }

  async makeRoom(): Promise<void> {
    await Deno.remove(`${this.folder}/filler`);
  }

  async remount(access: "ro" | "rw"): Promise<void> {
    const error = await run("mount", "-o", `remount,${access}`, this.folder);
    if (error !== "") throw new Error(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", "--lazy", this.folder);
    await Deno.remove(this.folder);
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  if (Deno.build.os !== "linux") return "it is not Linux";
  const { success, stderr } = await new Deno.Command(program, { args, stderr: "piped" }).output();
  return success ? "" : new TextDecoder().decode(stderr) || "failed";
}
