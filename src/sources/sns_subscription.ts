/** The messages of Amazon SNS about a subscription: it asks to confirm it, or says that it has ended. */

import { z } from "zod";
import { parseAs, parseJson } from "../wire/protocol.ts";

/** Both go into a command, so they have no character that a shell knows. */
const SnsSubscription = z.looseObject({
  Type: z.enum(["SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  TopicArn: z.string().regex(/^arn:[\w-]+:sns:[\w-]+:\d+:[\w.-]{1,256}$/, "must be the ARN of a topic"),
  Token: z.string().regex(/^\w{1,2048}$/, "must be letters and digits"),
});
export type SnsSubscription = z.infer<typeof SnsSubscription>;

/** @throws {Problem} `not-json` or `does-not-fit` */
export function parseSnsSubscription(json: string): SnsSubscription {
  return parseAs(SnsSubscription, parseJson(json));
}
