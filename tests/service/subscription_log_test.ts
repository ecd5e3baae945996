/** subscriptionLog: what an operator reads when Amazon SNS asks to confirm a subscription. */

import { assertEquals } from "@std/assert";
import { subscriptionLog } from "../../src/service/subscription_log.ts";

const TopicArn = "arn:aws:sns:us-east-2:123456789012:MyTopic", Token = "2336412f37";
const command = `aws sns confirm-subscription --topic-arn ${TopicArn} --token ${Token}`;

Deno.test("subscriptionLog logs the command that confirms a subscription, or restores one that has ended", () => {
  const logged: unknown[] = [];
  const log = subscriptionLog((message, properties) => void logged.push([message, properties]));
  log({ Type: "SubscriptionConfirmation", TopicArn, Token });
  log({ Type: "UnsubscribeConfirmation", TopicArn, Token });
  const properties = { topic: TopicArn, command };
  assertEquals(logged, [
    ["the subscription to the SNS topic {topic} waits to be confirmed: {command}", properties],
    ["the subscription to the SNS topic {topic} has ended, and can be restored: {command}", properties],
  ]);
});
