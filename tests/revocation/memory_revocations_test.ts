/** The memory store of revocations fulfils the contract. */

import { memoryRevocations } from "../../src/revocation/memory_revocations.ts";
import { revocationsContract } from "../contracts/revocations.ts";

revocationsContract("memoryRevocations", (options) => {
  const revocations = memoryRevocations(options);
  return Promise.resolve({ revocations, [Symbol.asyncDispose]: () => revocations.close() });
});
