/** Tests of the service's event stream with a browser's own EventSource. */

import { assertEquals } from "@std/assert";
import { launchBrowser, test } from "../browser/chromium.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { eventually } from "../eventually.ts";

/** A proxy between browser and service. It makes the browser reconnect at once, and can cut its streams. */
class Proxy implements AsyncDisposable {
  /** The `Last-Event-ID` header of each request for the stream. */
  readonly lastEventIds: unknown[] = [];
  readonly #cuts: AbortController[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(service: TestService) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const { pathname, search } = new URL(request.url);
      const isStream = pathname === "/v1/events";
      const cut = new AbortController();
      if (isStream) {
        this.#cuts.push(cut);
        this.lastEventIds.push(request.headers.get("last-event-id"));
      }
      const url = service.url + pathname + search;
      const headers = new Headers(request.headers);
      headers.delete("origin"); // because it is the origin of the proxy, which the service does not know
      const response = await fetch(url, { method: request.method, headers, body: request.body });
      return isStream ? new Response(cuttable(response.body, cut.signal), response) : response;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  cut(): void {
    for (const cut of this.#cuts.splice(0)) cut.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.#server.shutdown();
  }
}

/** Returns the stream with a `retry` of 1 ms. It ends when the signal aborts. */
function cuttable(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): ReadableStream<Uint8Array> {
  const text = new TransformStream<string, string>({
    transform: (chunk, controller) => controller.enqueue(chunk.replace(/retry: \d+/, "retry: 1")),
  });
  const encoder = new TextEncoderStream();
  body?.pipeThrough(new TextDecoderStream()).pipeThrough(text).pipeTo(encoder.writable, {
    signal,
    preventAbort: true,
  }).catch(() => encoder.writable.close());
  return encoder.readable;
}

/** Opens a page with an EventSource, in a browser with an empty profile, and records its events. */
async function openPage(url: string): Promise<{ events: unknown[] } & AsyncDisposable> {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const events: unknown[] = [];
  await page.exposeFunction("record", (event: unknown) => void events.push(event));
  await page.goto(`${url}/healthz`); // a page of the service without a script
  await page.evaluate(`{
    const source = new EventSource("/v1/events?target=alexander");
    source.onmessage = ({ data, lastEventId }) => {
      for (const message of JSON.parse(data)) record({ data: message.data ?? message.type, id: lastEventId });
    };
    source.addEventListener("close", ({ data }) => {
      source.close();
      record({ close: JSON.parse(data).code });
    });
  }`);
  return { events, [Symbol.asyncDispose]: () => browser.close() };
}

test("EventSource receives everything once and in order, resumes by itself, and receives the close event", async () => {
  await using service = await TestService.start();
  await using proxy = new Proxy(service);
  await using page = await openPage(proxy.url);
  const { events } = page;
  const received = (count: number) => eventually(() => events.length >= count, `${count} events`);
  await received(1);
  const notify = async (data: unknown) => (await service.notify({ target: "alexander", data })).position;
  const hello = await notify({ line: "\u2028", title: "Hello, Alexander Hamilton!" });
  await received(2);
  proxy.cut();
  const meanwhile = await notify("meanwhile");
  await received(4);
  const live = await notify("live");
  await received(5);
  await service.stop();
  await received(6);
  assertEquals(events.slice(1), [
    { data: { line: "\u2028", title: "Hello, Alexander Hamilton!" }, id: hello },
    { data: "welcome", id: hello },
    { data: "meanwhile", id: meanwhile },
    { data: "live", id: live },
    { close: 1012 },
  ]);
  assertEquals(proxy.lastEventIds, [null, hello]);
});
