/** The memory store of revocations: keeps them until the process ends. */

import { NOWHERE } from "../journal/row_store.ts";
import type { RevocationsOptions } from "./revocations.ts";
import { StoredRevocations } from "./stored_revocations.ts";

export function memoryRevocations(options: RevocationsOptions): StoredRevocations {
  return new StoredRevocations(NOWHERE, options);
}
