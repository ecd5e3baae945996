/** The schemas of bodies that have alternatives, or that are text. */

import { z } from "zod";
import { Notify, NotifyMany } from "../wire/protocol.ts";
import { Accepted, AcceptedMany, Report, Reports, TargetRevoked, TokenRevoked } from "./responses.ts";

export const NotifyOneOrMany = z.xor([Notify, NotifyMany]).describe("A notification, or several");

export const AcceptedOneOrMany = z.xor([Accepted, AcceptedMany])
  .describe("What is stored: `AcceptedMany` for an array, and for a notification with `targets`");

export const ReportOneOrMany = z.xor([Report, Reports])
  .describe("The delivery report: `Reports` for an array of notifications");

export const Revoked = z.xor([TokenRevoked, TargetRevoked]).describe("The tokens that are revoked");

export const EventStream = z.string().describe("Server-Sent Events, whose data are frames");

export const MetricsText = z.string().describe("Metrics in the text format of Prometheus");

export const ClientModule = z.string().describe("The browser SDK, as an ES module");
