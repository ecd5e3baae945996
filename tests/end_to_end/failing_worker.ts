/** The entry of a worker that throws when a test asks for it, where nothing catches it. */

import "../../src/service/worker.ts";

new BroadcastChannel("fail").onmessage = () => {
  throw new Error("failed by a test");
};
