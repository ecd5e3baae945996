/** The entry of a worker that fails when a test asks for it, where nothing catches it. */

import "../../src/service/worker.ts";

/** How a worker may end: it throws, ends without an error, or takes more memory than it may. */
export type WorkerEnd = "throw" | "close" | "heap";

new BroadcastChannel("fail").onmessage = ({ data: end }: MessageEvent<WorkerEnd>) => {
  switch (end) {
    case "throw":
      throw new Error("failed by a test");
    case "close":
      return self.close();
    case "heap":
      for (const all: number[][] = [];;) all.push(Array(100_000).fill(Math.random()));
    default:
      return end satisfies never;
  }
};
