/** The memory store of revocations: keeps them until the process ends. */

import type { RevocationStore } from "./revocation_store.ts";
import type { Revocations, RevocationsOptions } from "./revocations.ts";
import { StoredRevocations } from "./stored_revocations.ts";

/** What the node has in memory anyway need not be kept again. */
const NOWHERE: RevocationStore = {
  async *load() {},
  write: () => Promise.resolve(),
};

export function memoryRevocations(options: RevocationsOptions): Revocations {
  return new StoredRevocations(NOWHERE, options);
}
