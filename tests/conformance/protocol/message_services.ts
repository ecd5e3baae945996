/** Rules U10 to U12: the messages of Google Pub/Sub and Amazon SNS. */

import type { Case } from "../case.ts";
import { equal } from "../client/expect.ts";
import { keptFor } from "./publishing.ts";

export const MESSAGE_SERVICES: readonly Case[] = [
  {
    rule: "U10",
    title: "A message of Pub/Sub is accepted under its own id",
    run: async (server) => {
      const target = server.name(), messageId = server.name("m"), subscription = "projects/p/subscriptions/s";
      const data = new TextEncoder().encode(JSON.stringify({ target, data: "pushed" })).toBase64();
      const answer = (await server.notify({ message: { data, messageId }, subscription })).is(202);
      equal(answer.body.id, { is: `${subscription} ${messageId}`, in: "the id" });
      equal(await keptFor(server, target), { is: ["pushed"], in: "what is kept" });
    },
  },
  {
    rule: "U11",
    title: "A notification of SNS is accepted under its own id",
    run: async (server) => {
      const target = server.name(), id = server.name("m"), topic = "arn:aws:sns:eu-west-1:123456789012:t";
      const headers = {
        "content-type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": id,
        "x-amz-sns-topic-arn": topic,
      };
      const Message = JSON.stringify({ target, data: "pushed" });
      const body = { Type: "Notification", MessageId: id, TopicArn: topic, Message };
      equal((await server.notify(body, headers)).is(202).body.id, { is: `${topic} ${id}`, in: "the id" });
      equal(await keptFor(server, target), { is: ["pushed"], in: "what is kept" });
    },
  },
  {
    rule: "U12",
    title: "The other messages of SNS are answered with 204",
    run: async (server) => {
      const arn = "arn:aws:sns:eu-west-1:123456789012:t";
      for (const type of ["SubscriptionConfirmation", "UnsubscribeConfirmation"]) {
        const headers = { "content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": type };
        const body = { Type: type, MessageId: server.name(), TopicArn: arn, Token: "abc123", Message: "…" };
        (await server.notify({ ...body, SubscribeURL: "https://sns.eu-west-1.amazonaws.com/" }, headers)).is(
          204,
          type,
        );
      }
    },
  },
];
