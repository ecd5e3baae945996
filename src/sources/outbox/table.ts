/** Checks that the outbox table is there, has the columns that the node needs, and may be read and changed. */

import type { PostgresLink } from "../../postgres/link.ts";
import { TABLE } from "./rows.ts";

/** The types that each column may have. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  number: ["bigint", "integer"],
  id: ["uuid", "text", "character varying"],
  notification: ["json", "jsonb"],
  created_at: ["timestamp with time zone", "timestamp without time zone"],
  failed_at: ["timestamp with time zone", "timestamp without time zone"],
  problem: ["json", "jsonb", "text"],
};

const PRIVILEGES: readonly (readonly [column: string, message: string])[] = [
  ["may_select", "select"],
  ["may_update", "update (failed_at, problem)"],
  ["may_delete", "delete"],
];

/** The commands for which row-level security needs a policy, as `pg_policy` has them. */
const SECURED = { r: "select", w: "update", d: "delete" };

/** Without a policy for a command, row-level security hides all rows from it, and no statement fails. */
const FIND_TABLE =
  `select current_user as role, current_schemas(false)::text as schemas, to_regclass('${TABLE}') as oid,
  has_table_privilege(to_regclass('${TABLE}'), 'select') as may_select,
  has_table_privilege(to_regclass('${TABLE}'), 'delete') as may_delete,
  row_security_active(to_regclass('${TABLE}')) as is_secured,
  (select string_agg(polcmd::text, '') from pg_catalog.pg_policy
    where polrelid = to_regclass('${TABLE}') and polpermissive and exists (
      select from unnest(polroles) as role where role = 0 or pg_has_role(role, 'usage')
    )) as policies`;

const FIND_COLUMNS = `select attname as name, format_type(atttypid, null) as type,
    has_column_privilege(attrelid, attnum, 'update') as may_update,
    attnotnull and exists (
      select from pg_catalog.pg_index
      where indrelid = attrelid and indisunique and indpred is null and indnkeyatts = 1 and indkey[0] = attnum
    ) as is_key
  from pg_catalog.pg_attribute
  where attrelid = to_regclass('${TABLE}') and attnum > 0 and not attisdropped`;

/** Rejects with an error that names what is missing. */
export async function requireOutboxTable(link: PostgresLink): Promise<void> {
  const [[table = {}], columns] = await Promise.all([link.query(FIND_TABLE), link.query(FIND_COLUMNS)]);
  const { role, schemas, oid } = table;
  if (oid === null) throw new Error(`there is no table ${TABLE} in ${schemas}; outbox.sql creates it`);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const missing = Object.keys(COLUMNS).filter((name) => !types.has(name));
  if (missing.length > 0) throw new Error(`the table ${TABLE} has no column ${missing.join(", ")}`);
  for (const [name, allowed] of Object.entries(COLUMNS)) {
    const type = String(types.get(name));
    if (allowed.includes(type)) continue;
    throw new Error(`the column ${name} of ${TABLE} must be ${allowed.join(" or ")}, and is ${type}`);
  }
  if (!columns.some(({ name, is_key: isKey }) => name === "number" && isKey === true)) {
    throw new Error(`the column number of ${TABLE} must be its primary key, or unique and not null`);
  }
  const mayUpdate = columns.filter(({ name }) => name === "failed_at" || name === "problem")
    .every(({ may_update: may }) => may === true);
  const rights = { ...table, may_update: mayUpdate };
  const lacking = PRIVILEGES.filter(([column]) => !isTrue(rights, column)).map(([, privilege]) => privilege);
  if (lacking.length > 0) {
    throw new Error(`the role ${role} lacks the right to ${lacking.join(", ")} ${TABLE}`);
  }
  requirePolicies(table);
}

function requirePolicies({ role, is_secured: isSecured, policies }: Readonly<Record<string, unknown>>): void {
  const found = String(policies ?? "");
  if (isSecured !== true || found.includes("*")) return;
  const lacking = Object.entries(SECURED).filter(([command]) => !found.includes(command));
  if (lacking.length === 0) return;
  const commands = lacking.map(([, name]) => name).join(", ");
  throw new Error(
    `row-level security hides the rows of ${TABLE}: there is no policy for ${role} to ${commands}`,
  );
}

function isTrue(row: Readonly<Record<string, unknown>>, column: string): boolean {
  return row[column] === true;
}
