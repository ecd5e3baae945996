/** Has the journal append drafts, and the pushes that some of them ask for kept before. */

import type { Draft, Journal, Receipt } from "../journal/journal.ts";

/** Keeps the pushes that drafts ask for, before they are appended. */
export interface PushKeeper {
  /** Resolves with what to call with the receipts. It resolves when no push is kept that should not be. */
  keep(drafts: readonly Draft[]): Promise<(receipts: readonly Receipt[]) => Promise<void>>;
  /** Called with notifications that have a push and that the target has read. */
  read(ids: readonly string[], target: string): void;
}

interface AppendDeps {
  readonly journal: Pick<Journal, "append">;
  /** Null: no notification has a push. */
  readonly pushes: PushKeeper | null;
}

export function appendDrafts(
  drafts: readonly Draft[],
  { journal, pushes }: AppendDeps,
): Promise<readonly Receipt[]> {
  return pushes !== null && drafts.some(hasPush)
    ? appendWithPushes(drafts, { journal, pushes })
    : journal.append(drafts);
}

async function appendWithPushes(
  drafts: readonly Draft[],
  { journal, pushes }: AppendDeps & { readonly pushes: PushKeeper },
): Promise<readonly Receipt[]> {
  const correct = await pushes.keep(drafts);
  const receipts = await journal.append(drafts);
  await correct(receipts);
  return receipts;
}

function hasPush({ push }: Draft): boolean {
  return push !== null;
}
