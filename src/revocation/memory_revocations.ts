/** The memory store of revocations: keeps them until the process ends. */

import { NOWHERE } from "../journal/row_store.ts";
import type { Revocations, RevocationsOptions } from "./revocations.ts";
import { StoredRevocations } from "./stored_revocations.ts";

export function memoryRevocations(options: RevocationsOptions): Revocations {
  return new StoredRevocations(NOWHERE, options);
}
