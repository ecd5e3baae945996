/** The ways in which a publisher can hand the same notification to a service, for tests that try all of them. */

import { CloudEvent, HTTP } from "cloudevents";
import type { Source } from "../../src/wire/source.ts";
import { type Answer, PublisherPeer } from "./publisher_peer.ts";
import type { TestService } from "./test_service.ts";

/** The fields that every way knows. */
export interface TestNotification {
  readonly target?: string;
  readonly everyone?: true;
  readonly data: unknown;
  readonly id: string;
  readonly ttl?: number;
  readonly at?: string;
  readonly push?: true;
}

export interface WayIn {
  readonly name: string;
  /** By which metrics count what comes this way. */
  readonly source: Source;
  /** The id under which a notification is kept. */
  idOf(id: string): string;
  /** Resolves with the answer to one notification: that of a 202, or a problem, which has a status. */
  publish(service: TestService, notification: TestNotification): Promise<Answer>;
}

type Headers = Readonly<Record<string, unknown>>;

/** Posts a body, and resolves with the first line of the answer. */
async function post({ url }: TestService, body: unknown, headers: Headers = {}): Promise<Answer> {
  const given = Object.entries(headers).map(([name, value]): [string, string] => [name, `${value}`]);
  const response = await fetch(`${url}/v1/notify`, { method: "POST", body: `${body}`, headers: given });
  return JSON.parse(await response.text());
}

function eventOf({ target, ...rest }: TestNotification): CloudEvent<unknown> {
  return new CloudEvent({ ...rest, source: "/test", type: "test", ...target && { subject: target } });
}

const same = (id: string) => id;
const eventId = (id: string) => `/test ${id}`;

export const WAYS_IN: readonly WayIn[] = [
  {
    ...{ name: "HTTP", source: "http", idOf: same },
    publish: (service, notification) => post(service, JSON.stringify(notification)),
  },
  {
    ...{ name: "NDJSON", source: "ndjson", idOf: same },
    publish: (service, notification) =>
      post(service, `${JSON.stringify(notification)}\n`, { "content-type": "application/x-ndjson" }),
  },
  ...(["structured", "binary"] as const).map((mode): WayIn => ({
    ...{ name: `a CloudEvent in ${mode} mode`, source: "cloudevents", idOf: eventId },
    publish(service, notification) {
      const { headers, body } = HTTP[mode](eventOf(notification));
      return post(service, body, headers);
    },
  })),
  {
    ...{ name: "Pub/Sub", source: "http", idOf: same },
    publish(service, notification) {
      const message = { messageId: "1", data: btoa(JSON.stringify(notification)) };
      return post(service, JSON.stringify({ subscription: "s", message }));
    },
  },
  {
    ...{ name: "SNS", source: "cloudevents", idOf: same },
    publish(service, notification) {
      const message = { MessageId: "1", TopicArn: "arn", Message: JSON.stringify(notification) };
      const headers = { "content-type": "text/plain", "x-amz-sns-message-type": "Notification" };
      return post(service, JSON.stringify(message), headers);
    },
  },
  {
    ...{ name: "a socket", source: "socket", idOf: same },
    async publish(service, notification) {
      await using peer = await PublisherPeer.open(service.port);
      peer.send(notification);
      return await peer.next();
    },
  },
];
