/** The rows of the outbox table: takes some, and settles them, in one transaction of the database. */

import type { PostgresLink } from "../../postgres/link.ts";
import type { Problem } from "../../wire/problem.ts";
import { problemText } from "./problem_text.ts";

/** The table, and the channel that its trigger notifies. */
export const TABLE = "tidings_outbox";

/** A row that this node has locked. */
export interface OutboxRow {
  /** Its place in the table. Digits, because it may be greater than JavaScript's safe integers. */
  readonly number: string;
  /** Null in a table that allows it. */
  readonly id: string | null;
  /** The text of the JSON. Null in a table that allows it, and if it is too long to be read. */
  readonly json: string | null;
  /** The bytes of the text. */
  readonly bytes: number;
  /** Milliseconds since the transaction began that inserted it, by the clock of the database. */
  readonly ageMs: number;
}

export interface RefusedRow {
  readonly row: OutboxRow;
  readonly problem: Problem;
}

/** A batch is what a request may have, so that it keeps nobody else waiting for long. One row may be as large. */
export const BATCH = { rows: 256, bytes: 1024 * 1024 };

/**
 * The limits end what hangs: a wait for a lock on the whole table, and a transaction whose node no longer answers, so
 * that other nodes get its rows. The commit need not be flushed: a row that comes back after a crash of the database is
 * recognised as a repeat. Whatever the default of the database is, a row that another node has deleted meanwhile must be
 * skipped: with another isolation level, the whole transaction would fail.
 *
 * PostgreSQL believes a table that was empty a moment ago to be small, and would sort all of its rows for each batch:
 * 25 ms with 50,000 rows, where the first rows of the index take 1 ms.
 */
const BEGIN = `begin isolation level read committed;
  set local lock_timeout = '5s';
  set local statement_timeout = '10s';
  set local idle_in_transaction_session_timeout = '60s';
  set local synchronous_commit = off;
  set local enable_seqscan = off;
  set local enable_bitmapscan = off`;

/**
 * The first row is taken whatever its size. Rows that do not fit beside others stay locked until the batch is settled.
 * A time may be infinite, and then has no age.
 */
const TAKE = `with taken as (
    select number, id::text, notification::text as json, created_at,
      coalesce(octet_length(notification::text), 0) as bytes
    from ${TABLE} where failed_at is null and number <> all ($1::bigint[])
    order by number limit ${BATCH.rows} for update skip locked
  ), sized as (select *, sum(bytes) over (order by number) - bytes as before, count(*) over () as locked
    from taken)
  select number, id, bytes, locked,
    case when isfinite(created_at) then extract(epoch from clock_timestamp() - created_at) * 1000 end as age_ms,
    case when bytes <= ${BATCH.bytes} then json end as json
  from sized where before = 0 or before + bytes <= ${BATCH.bytes} order by number`;

const DELETE = `delete from ${TABLE} where number = any ($1::bigint[]) returning number`;

const STAND_ASIDE = `update ${TABLE} set failed_at = now(), problem = refused.problem
  from json_to_recordset($1::json) as refused (number bigint, problem json)
  where ${TABLE}.number = refused.number returning refused.number`;

/** Rows that were taken, in order. `isLast` is true if there are no others that could have been taken. */
export interface TakenRows {
  readonly rows: readonly OutboxRow[];
  readonly isLast: boolean;
}

/** Begins a transaction, and takes the first rows but for some. Rows that other nodes have taken do not count. */
export async function takeRows(link: PostgresLink, except: Iterable<string>): Promise<TakenRows> {
  const [, found] = await Promise.all([link.query(BEGIN), link.query(TAKE, [arrayOf(except)])]);
  const rows = found.map(({ number, id, json, bytes, age_ms: age }) => ({
    number: String(number),
    id: typeof id === "string" ? id : null,
    json: typeof json === "string" ? json : null,
    bytes: Number(bytes),
    ageMs: Math.max(0, Number(age)),
  }));
  const locked = Number(found[0]?.locked ?? 0);
  return { rows, isLast: locked === rows.length && locked < BATCH.rows };
}

/**
 * Deletes rows, lets others stand aside, and commits. All other rows are free again. Resolves with the numbers of the
 * rows that are settled: a trigger or a policy of the table can keep a row as it is, without an error.
 */
export async function settleRows(
  link: PostgresLink,
  { kept, refused }: { kept: readonly OutboxRow[]; refused: readonly RefusedRow[] },
): Promise<ReadonlySet<string>> {
  const statements = [];
  if (kept.length > 0) statements.push(link.query(DELETE, [arrayOf(kept.map(({ number }) => number))]));
  if (refused.length > 0) statements.push(link.query(STAND_ASIDE, [recordsOf(refused)]));
  const [changed] = await Promise.all([Promise.all(statements), link.query("commit")]);
  return new Set(changed.flat().map(({ number }) => String(number)));
}

function recordsOf(refused: readonly RefusedRow[]): string {
  return `[${
    refused.map(({ row: { number }, problem }) => `{"number":${number},"problem":${problemText(problem)}}`)
      .join()
  }]`;
}

function arrayOf(numbers: Iterable<string>): string {
  return `{${[...numbers].join()}}`;
}
