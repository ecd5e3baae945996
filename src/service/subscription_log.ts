/** Logs what Amazon SNS writes about a subscription. The operator decides, and confirms it with the command. */

import type { SnsSubscription } from "../sources/sns_subscription.ts";

type Warn = (message: string, properties: Record<string, unknown>) => void;

/**
 * Returns a function that logs such a message. The service does not visit the URL that the message has: whoever writes
 * the message could have the service send requests to any host.
 */
export function subscriptionLog(warn: Warn): (subscription: SnsSubscription) => void {
  return function logSubscription({ Type, TopicArn, Token }) {
    const isNew = Type === "SubscriptionConfirmation";
    const event = isNew ? "waits to be confirmed" : "has ended, and can be restored";
    warn(`the subscription to the SNS topic {topic} ${event}: {command}`, {
      topic: TopicArn,
      command: `aws sns confirm-subscription --topic-arn ${TopicArn} --token ${Token}`,
    });
  };
}
