/** Looks at a process from outside: its memory, its threads, and its open files by kind. Linux only. */

export interface ProcessLook {
  readonly residentBytes: number;
  readonly threads: number;
  readonly sockets: number;
  readonly pipes: number;
  /** Files, and what belongs to the event loop. */
  readonly otherFiles: number;
}

export async function lookAt(pid: number): Promise<ProcessLook> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kinds = await openFiles(pid);
  const count = (prefix: string) => kinds.filter((kind) => kind.startsWith(prefix)).length;
  const sockets = count("socket:"), pipes = count("pipe:");
  return {
    residentBytes: numberIn(status, "VmRSS") * 1_024,
    threads: numberIn(status, "Threads"),
    sockets,
    pipes,
    otherFiles: kinds.length - sockets - pipes,
  };
}

/** What the file descriptors lead to. One that is closed meanwhile does not count. */
async function openFiles(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const links = await Promise.all(names.map((name) => Deno.readLink(`${folder}/${name}`).catch(() => null)));
  return links.filter((link) => link !== null);
}

function numberIn(status: string, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]);
}
