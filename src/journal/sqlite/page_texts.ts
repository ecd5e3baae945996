/** Page texts: completes entries of the index with the texts from the file, without those that are damaged. */

import { hasPush, parseEntryId } from "../entry_text.ts";
import { toReadMark } from "../index/read_state.ts";
import type { Sequencer } from "../index/sequencer.ts";
import type { EntryMeta } from "../index/target_log.ts";
import type { Entry } from "../journal.ts";
import { encodeMark } from "../mark.ts";

/** Returns the sequence numbers of the entries whose texts are in the file: of all but marks. */
export function sequencesOfTexts(entries: readonly EntryMeta[]): number[] {
  const sequences: number[] = [];
  for (const { sequence, mark } of entries) if (mark === null) sequences.push(sequence);
  return sequences;
}

/**
 * The text of a mark is written anew from the index. So what a target has read is lost only if its row is damaged and
 * no other mark replaces it before the file is opened again.
 *
 * @param texts those of `sequencesOfTexts`; null for a damaged one
 */
export function withTexts(
  metas: readonly EntryMeta[],
  { texts, sequencer }: { texts: readonly (string | null)[]; sequencer: Sequencer },
): { entries: readonly Entry[]; damaged: readonly EntryMeta[] } {
  const entries: Entry[] = [], damaged: EntryMeta[] = [];
  let next = 0;
  for (const meta of metas) {
    const position = sequencer.positionOf(meta.sequence);
    const text = meta.mark === null ? texts[next++] ?? null : textOfMark(meta.mark, { position, sequencer });
    if (text === null) damaged.push(meta);
    else if (meta.mark !== null) entries.push({ ...meta, id: null, position, hasPush: false, text });
    else entries.push({ ...meta, id: parseEntryId(text), position, hasPush: hasPush(text), text });
  }
  return { entries, damaged };
}

function textOfMark(
  mark: NonNullable<EntryMeta["mark"]>,
  { position, sequencer }: { position: string; sequencer: Sequencer },
): string {
  const { markedAt } = mark;
  return encodeMark(toReadMark(mark, (sequence) => sequencer.positionOf(sequence)), { position, markedAt });
}
