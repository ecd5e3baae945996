/** Has the journal append drafts, and the pushes that some of them ask for kept before. */

import type { Draft, Journal, Receipt } from "../journal/journal.ts";

/** Keeps the pushes that drafts ask for, before they are appended. */
export interface PushKeeper {
  /** Resolves with what to call with the receipts. It resolves when no push is kept that should not be. */
  keep(
    drafts: readonly Draft[],
    options?: { readonly mayLack?: boolean },
  ): Promise<(receipts: readonly Receipt[]) => Promise<void>>;
  /** Called with notifications that have a push and that the target has read. */
  read(ids: readonly string[], target: string): void;
}

interface AppendDeps {
  readonly journal: Pick<Journal, "append">;
  /** Null: no notification has a push. */
  readonly pushes: PushKeeper | null;
  /** True: drafts are appended also if there is no room for their pushes. */
  readonly mayLackPushes?: boolean;
}

export function appendDrafts(drafts: readonly Draft[], deps: AppendDeps): Promise<readonly Receipt[]> {
  const { journal, pushes } = deps;
  return pushes !== null && drafts.some(hasPush)
    ? appendWithPushes(drafts, { ...deps, pushes })
    : journal.append(drafts);
}

async function appendWithPushes(
  drafts: readonly Draft[],
  { journal, pushes, mayLackPushes: mayLack = false }: AppendDeps & { readonly pushes: PushKeeper },
): Promise<readonly Receipt[]> {
  const correct = await pushes.keep(drafts, { mayLack });
  const receipts = await journal.append(drafts);
  await correct(receipts);
  return receipts;
}

function hasPush({ push }: Draft): boolean {
  return push !== null;
}
