/** notify: what Google Pub/Sub, Amazon SNS and Azure Event Grid post, as their documentation shows it. */

import { assert, assertEquals } from "@std/assert";
import type { SnsSubscription } from "../../../src/sources/sns_subscription.ts";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, PUBLISHER_KEY } from "../test_app.ts";
import { HELLO, NotifyClient } from "./notify_client.ts";

const SUBSCRIPTION = "projects/myproject/subscriptions/mysubscription";
const TOPIC = "arn:aws:sns:us-west-2:123456789012:MyTopic";
const EVENT = { "ce-specversion": "1.0", "ce-id": "17", "ce-source": "/orders", "ce-type": "shipped" };
const JSON_TYPE = { "content-type": "application/json" };

/** A request of a push subscription. */
function pushOf(data: string, attributes?: Record<string, string>): string {
  const bytes = new TextEncoder().encode(data).toBase64();
  const times = { publishTime: "2021-02-26T19:13:55.749Z", publish_time: "2021-02-26T19:13:55.749Z" };
  const ids = { messageId: "2070443601311540", message_id: "2070443601311540" };
  const message = { ...(attributes && { attributes }), data: bytes, ...ids, ...times };
  return JSON.stringify({ message, subscription: SUBSCRIPTION, deliveryAttempt: 1 });
}

Deno.test("notify accepts a message of Pub/Sub, whose id stands in for that of the notification", async () => {
  const client = new NotifyClient();
  const [first, again] = await Promise.all(
    [1, 2].map(async () => await (await client.post(pushOf(JSON.stringify(HELLO)), JSON_TYPE)).json()),
  );
  assertEquals(first.id, `${SUBSCRIPTION} 2070443601311540`);
  assertEquals(again, first);
  assertEquals(client.delivered, [["alexander", HELLO.data]]);
});

Deno.test("notify accepts an array in a message of Pub/Sub, and ids that the notifications have", async () => {
  const client = new NotifyClient();
  const { notifications } =
    await (await client.post(pushOf(JSON.stringify([HELLO, { ...HELLO, id: "mine" }]))))
      .json();
  assertEquals(notifications.map(({ id }: { id: string }) => id), [
    `${SUBSCRIPTION} 2070443601311540.0`,
    "mine",
  ]);
});

Deno.test("notify accepts an event in a message of Pub/Sub, in either mode", async () => {
  const client = new NotifyClient();
  const binary = pushOf("[1.10]", {
    ...EVENT,
    "ce-subject": "alexander",
    "Content-Type": "application/json",
  });
  const structured = pushOf(
    JSON.stringify({ specversion: "1.0", id: "18", source: "/orders", type: "t", subject: "Zoë", data: 2 }),
    { "content-type": "application/cloudevents+json; charset=utf-8" },
  );
  const ids = [];
  for (const body of [binary, structured]) ids.push((await (await client.post(body, JSON_TYPE)).json()).id);
  assertEquals(ids, ["/orders 17", "/orders 18"]);
  assertEquals(client.delivered, [["alexander", [1.1]]]);
});

Deno.test("notify refuses a message of Pub/Sub that is not complete, not UTF-8, or has no notification", async () => {
  const client = new NotifyClient();
  const refused = [
    [JSON.stringify({ message: {}, subscription: SUBSCRIPTION }), "422 does-not-fit"],
    [JSON.stringify({ message: { messageId: "1", data: "%" }, subscription: "s" }), "422 does-not-fit"],
    [JSON.stringify({ message: { messageId: "1", data: "/w==" }, subscription: "s" }), "400 bad-request"],
    [
      JSON.stringify({ message: { messageId: "1", attributes: { a: "b" } }, subscription: "s" }),
      "400 not-json",
    ],
    [pushOf("Hello Cloud Pub/Sub! Here is my message!"), "400 not-json"],
    [pushOf('{"status":"Hello there"}'), "422 does-not-fit"],
    [pushOf("text", { ...EVENT, "ce-subject": "alexander", "content-type": "text/plain" }), "400 not-json"],
    [pushOf("1", EVENT), "422 does-not-fit"],
    [pushOf(pushOf(JSON.stringify(HELLO))), "422 does-not-fit"],
    [pushOf("text", { "content-type": "application/cloudevents+avro" }), "415 unsupported-type"],
  ] as const;
  for (const [body, problem] of refused) await assertProblem(await client.post(body, JSON_TYPE), problem);
  assertEquals(client.delivered, []);
});

/** A request of Amazon SNS: its headers and its body. */
function snsRequest(type: string, members: Record<string, unknown>): RequestInit {
  const body = {
    Type: type,
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    TopicArn: TOPIC,
    Timestamp: "2012-05-02T00:54:06.655Z",
    SignatureVersion: "1",
    Signature: "EXAMPLEw6JRN...",
    SigningCertURL:
      "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem",
    ...members,
  };
  const headers = {
    "x-amz-sns-message-type": type,
    "x-amz-sns-message-id": body.MessageId,
    "x-amz-sns-topic-arn": TOPIC,
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
  };
  return { method: "POST", headers, body: JSON.stringify(body, null, 2) };
}

async function postToClient(client: NotifyClient, { body, headers }: RequestInit): Promise<Response> {
  return await client.post(body ?? null, Object.fromEntries(new Headers(headers)));
}

Deno.test("notify accepts a notification of SNS, whose id stands in for that of the notification", async () => {
  const client = new NotifyClient();
  const request = snsRequest("Notification", { Subject: "My First Message", Message: JSON.stringify(HELLO) });
  const [first, again] = [await postToClient(client, request), await postToClient(client, request)];
  const accepted = await first.json();
  assertEquals(accepted.id, `${TOPIC} 22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324`);
  assertEquals(await again.json(), accepted);
  assertEquals(client.delivered, [["alexander", HELLO.data]]);
});

Deno.test("notify accepts an event in a notification of SNS, by its attributes", async () => {
  const client = new NotifyClient();
  const attributes = { ...EVENT, "ce-subject": "alexander", "ce-topic": "order" };
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, Value]) => [name, { Type: "String", Value }]),
  );
  const response = await postToClient(
    client,
    snsRequest("Notification", { Message: "{}", MessageAttributes }),
  );
  assertEquals((await response.json()).id, "/orders 17");
  assertEquals(client.delivered, [["alexander", {}]]);
});

Deno.test("notify accepts what SNS delivers raw, because that is what was published", async () => {
  const client = new NotifyClient();
  const { headers } = snsRequest("Notification", {});
  const raw = { ...Object.fromEntries(new Headers(headers)), "x-amz-sns-rawdelivery": "true" };
  for (let time = 0; time < 2; time++) {
    const { id } = await (await client.post(JSON.stringify(HELLO), raw)).json();
    assertEquals(id, `${TOPIC} 22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324`);
  }
  assertEquals(client.delivered, [["alexander", HELLO.data]]);
});

Deno.test("notify refuses a notification of SNS that has no notification", async () => {
  const client = new NotifyClient();
  await assertProblem(
    await postToClient(client, snsRequest("Notification", { Message: "Hello world!" })),
    "400 not-json",
  );
  await assertProblem(await postToClient(client, snsRequest("Notification", {})), "422 does-not-fit");
});

/** The service as SNS calls it, with the key as the password of the URL that was subscribed. */
function snsService() {
  const asked: SnsSubscription[] = [];
  const { app } = createTestApp({ onSubscription: (subscription) => void asked.push(subscription) });
  async function call(request: RequestInit, authorization?: string): Promise<Response> {
    const headers = new Headers(request.headers);
    if (authorization !== undefined) headers.set("authorization", authorization);
    return await app.request("/v1/notify", { ...request, headers });
  }
  return { call, asked };
}

const Token =
  "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92768dd60a747ba6f3beb71854e285d6ad";
const SUBSCRIBE = {
  Token,
  Message:
    `You have chosen to subscribe to the topic ${TOPIC}.\nTo confirm the subscription, visit the SubscribeURL.`,
  SubscribeURL:
    `https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=${Token}`,
};

Deno.test("notify reports that SNS asks to confirm a subscription, or has ended one, and visits no URL", async () => {
  const { call, asked } = snsService();
  for (const type of ["SubscriptionConfirmation", "UnsubscribeConfirmation"]) {
    const { status } = await call(snsRequest(type, SUBSCRIBE), `Bearer ${PUBLISHER_KEY}`);
    assertEquals(status, 204);
  }
  assertEquals(asked.map(({ Type, TopicArn, Token }) => [Type, TopicArn, Token]), [
    ["SubscriptionConfirmation", TOPIC, Token],
    ["UnsubscribeConfirmation", TOPIC, Token],
  ]);
});

Deno.test("notify refuses a subscription of SNS whose command would have more than a topic and a token", async () => {
  const { call, asked } = snsService();
  for (
    const members of [{ Token: "a; reboot" }, { TopicArn: `${TOPIC}\n` }, { TopicArn: "$(reboot)" }, {
      Token: undefined,
    }]
  ) {
    const request = snsRequest("SubscriptionConfirmation", { ...SUBSCRIBE, ...members });
    await assertProblem(await call(request, `Bearer ${PUBLISHER_KEY}`), "422 does-not-fit");
  }
  assertEquals(asked, []);
});

Deno.test("notify asks SNS for a password, and takes the publisher key as one", async () => {
  const { call, asked } = snsService();
  const request = snsRequest("SubscriptionConfirmation", SUBSCRIBE);
  const challenge = await call(request);
  assertEquals(challenge.headers.get("www-authenticate"), 'Basic realm="Tidings"');
  await assertProblem(challenge, "401 not-authorized");
  assertEquals((await call(request, `Basic ${btoa(`sns:${PUBLISHER_KEY}`)}`)).status, 204);
  assertEquals(asked.length, 1);
});

const REQUEST_ORIGIN = { "webhook-request-origin": "eventgrid.azure.net" };

Deno.test("webhookConsent agrees to receive the events of Event Grid, and calls nothing back", async () => {
  const headers = {
    ...REQUEST_ORIGIN,
    "webhook-request-rate": "120",
    "webhook-request-callback": "http://127.0.0.1:1/validate",
  };
  const response = await createTestApp().app.request("/v1/notify", { method: "OPTIONS", headers });
  assertEquals([response.status, await response.text()], [200, ""]);
  assertEquals(
    ["webhook-allowed-origin", "webhook-allowed-rate", "allow"].map((name) => response.headers.get(name)),
    ["eventgrid.azure.net", "*", "OPTIONS, POST"],
  );
});

Deno.test("webhookConsent gives no page permission, and refuses what is not the name of a sender", async () => {
  const { app } = createTestApp();
  for (
    const headers of [
      { "origin": "https://evil.example", "access-control-request-method": "POST" },
      { "webhook-request-origin": "evil.example/ x" },
      { "webhook-request-origin": "" },
    ]
  ) {
    const response = await app.request("/v1/notify", { method: "OPTIONS", headers: new Headers(headers) });
    const names = [...response.headers.keys()].filter((name) => name.startsWith("access-control"));
    assertEquals(names, []);
    await assertProblem(response, "400 bad-request");
  }
});

Deno.test("notify accepts an event of Event Grid's schema CloudEvents, one or a batch", async () => {
  const client = new NotifyClient();
  const event = {
    id: "9aeb0fdf-c01e-0131-0922-9eb54906e209",
    source:
      "/subscriptions/319a9601-1ec0-0000-aebc-8fe82724c81e/resourceGroups/g/providers/Microsoft.EventGrid/topics/t",
    type: "MyApp.Orders.Shipped",
    subject: "alexander",
    time: "2019-11-18T15:13:39.4589254Z",
    specversion: "1.0",
    data: { order: 17 },
  };
  const headers = { "aeg-event-type": "Notification", "aeg-subscription-name": "MYSUBSCRIPTION" };
  const type = "application/cloudevents+json; charset=utf-8";
  const one = await client.post(JSON.stringify(event), { ...headers, "content-type": type });
  const { id } = await one.json();
  assert(/^sha256:[0-9a-f]{64}$/.test(id), id);
  const batch = JSON.stringify([event, { ...event, id: "another" }]);
  const many = await client.post(batch, { "content-type": type.replace("events+", "events-batch+") });
  const { notifications } = await many.json();
  assertEquals(notifications[0].id, id);
  assertEquals(client.delivered, [["alexander", { order: 17 }], ["alexander", { order: 17 }]]);
});
