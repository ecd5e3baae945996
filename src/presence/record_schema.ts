/** The schema of a presence record as it is stored. */

import { z } from "zod";
import { Time } from "../wire/time.ts";
import type { PresenceRecord } from "./presence_record.ts";

export const PresenceRecordSchema: z.ZodType<PresenceRecord> = z.object({
  nodes: z.record(z.string(), z.number()),
  events: z.array(z.object({
    id: z.string(),
    type: z.enum(["target.online", "target.offline"]),
    at: Time,
    foundAt: Time,
  })),
  teller: z.string().nullable(),
  isErased: z.literal(true).optional(),
});
