/** Publishes rows of the outbox table, so that one that cannot be published holds up no other. */

import { doesNotFit, Problem } from "../../wire/problem.ts";
import { publish, type PublishDeps, type PublishRequest } from "../publish.ts";
import { BATCH, type OutboxRow, type RefusedRow } from "./rows.ts";

/** What has become of the rows. Each is in one of the lists, unless the intake was not available. */
export interface PublishedRows {
  readonly kept: readonly OutboxRow[];
  /** They can never be published. */
  readonly refused: readonly RefusedRow[];
  /** They cannot be published for now, although others can. */
  readonly postponed: readonly OutboxRow[];
  readonly isUnavailable: boolean;
}

export interface PublishRowsDeps {
  readonly intake: PublishDeps;
  /** Called with errors that are not the row's own fault. */
  readonly report: (error: unknown) => void;
}

/** Resolves when all rows are settled, in order, or when the intake accepts nothing. */
export async function publishRows(
  rows: readonly OutboxRow[],
  { intake, report }: PublishRowsDeps,
): Promise<PublishedRows> {
  const kept: OutboxRow[] = [], refused: RefusedRow[] = [], postponed: OutboxRow[] = [];

  /** Rejects only if the intake is not available. Whatever else is wrong with several rows, their halves are tried. */
  async function settle(some: readonly OutboxRow[]): Promise<void> {
    const [row] = some;
    if (row === undefined) return;
    try {
      await publish(requestOf(some), intake);
      kept.push(...some);
    } catch (error) {
      if (error instanceof Problem && error.status === 503) throw error;
      if (some.length > 1) {
        const half = some.length >> 1;
        await settle(some.slice(0, half));
        await settle(some.slice(half));
      } else if (error instanceof Problem && error.status < 500) {
        refused.push({ row, problem: error });
      } else {
        report(error);
        postponed.push(row);
      }
    }
  }

  /** The schedule may be full when the journal is not, so rows that it has to keep must not hold up the others. */
  async function settleAroundSchedule(): Promise<boolean> {
    const settled = new Set([...kept, ...refused.map(({ row }) => row), ...postponed]);
    const waiting = rows.filter((row) => !settled.has(row));
    const scheduled = waiting.filter(needsSchedule);
    if (scheduled.length === 0) return false;
    await settle(waiting.filter((row) => !scheduled.includes(row)));
    postponed.push(...scheduled);
    return true;
  }

  const isDone = await settle(rows).then(() => true, settleAroundSchedule).catch(() => false);
  return { kept, refused, postponed, isUnavailable: !isDone };
}

/**
 * The request of one row, or of several as one array. A row may itself have an array of notifications.
 *
 * @throws {Problem} `does-not-fit` or `too-large`: a row cannot be published, or only alone
 */
function requestOf(rows: readonly OutboxRow[]): PublishRequest {
  const [row] = rows;
  if (row !== undefined && rows.length === 1) {
    const { id, json } = checked(row);
    return { json, key: { fallback: id } };
  }
  return { json: `[${rows.map(withId).join()}]`, key: null };
}

/** The row's id comes first, so that an id in the JSON, which comes later, counts instead, as in JSON.parse. */
function withId(row: OutboxRow): string {
  const { id, json } = checked(row);
  const start = json.indexOf("{") + 1;
  if (json.slice(0, start).trim() !== "{") throw doesNotFit("notification", "is not an object");
  return `{"id":${JSON.stringify(id)},${json.slice(start)}`;
}

function checked({ id, json, bytes }: OutboxRow): { id: string; json: string } {
  if (bytes > BATCH.bytes) throw new Problem("too-large", `a row is limited to ${BATCH.bytes} bytes`);
  if (id === null) throw doesNotFit("id", "is null, so a repeat would not be recognised");
  if (json === null) throw doesNotFit("notification", "is null");
  return { id, json };
}

/** Whether the row has a notification that is sent later, or a push. */
function needsSchedule({ json }: OutboxRow): boolean {
  const all: unknown[] = [JSON.parse(json ?? "null")].flat();
  return all.some((one) => typeof one === "object" && one !== null && ("at" in one || "push" in one));
}
