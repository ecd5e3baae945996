/** The schemas of the messages to publishers over a WebSocket. The reference is generated from them. */

import { z } from "zod";
import { AcceptedOneOrMany } from "./bodies.ts";
import { Problem } from "./responses.ts";

export const PublishLimits = z.object({
  notifications: z.int().min(1).describe("The notifications of these frames"),
  bytes: z.int().min(1).describe("The bytes of these frames"),
}).describe("How much of what a publisher has sent over a socket may be unanswered");

export const PublishWelcome = z.object({
  type: z.literal("welcome"),
  limits: PublishLimits,
}).describe("The first message to a publisher, alone in its frame");

export const PublishAnswer = z.union([AcceptedOneOrMany, Problem])
  .describe("Answers a frame: what is stored, or the problem, which has a `status`");

export const PublishFrame = z.array(z.union([PublishWelcome, PublishAnswer])).min(1)
  .describe("A frame to a publisher: the welcome, or the answers to its next frames, in their order");
