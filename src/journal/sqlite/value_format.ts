/** How a value for each target is stored in the SQLite journal's file. */

import type { TargetValue } from "../../presence/value_store.ts";
import type { RowFormat } from "./beside_table.ts";

/** The format of a table of this kind. */
export function valueFormat(table: "presence" | "last_seen"): RowFormat<TargetValue> {
  return {
    table,
    columns: 3,
    valuesOf: ({ sequence, target, value }) => [sequence, target, value],
    parse: (row) => ({
      sequence: Number(row.sequence),
      target: String(row.target),
      value: String(row.value),
    }),
  };
}
