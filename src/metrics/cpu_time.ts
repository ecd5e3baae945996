/** Reads how much CPU time the process has used, and how much of it on the thread of the event loop. */

import process from "node:process";

/** Since the start of the process, in seconds. */
export interface CpuTime {
  /** All threads: also the worker of the journal's file, the garbage collector and the network. */
  readonly process: number;
  /** The one thread that runs the event loop, which cannot use more than one core. */
  readonly eventLoop: number;
}

/** Must be called on the thread of the event loop. Needs no permission, and takes 0.1 ms. */
export function readCpuTime(): CpuTime {
  return { process: seconds(process.cpuUsage()), eventLoop: seconds(process.threadCpuUsage()) };
}

function seconds({ user, system }: { readonly user: number; readonly system: number }): number {
  return (user + system) / 1e6;
}
