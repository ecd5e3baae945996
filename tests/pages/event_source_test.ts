/** Server-Sent Events as a browser's own EventSource takes them, on the real service. */

import { assertEquals } from "@std/assert";
import { Running, soon } from "../end_to_end/running.ts";
import { launchBrowser, test } from "../browser/chromium.ts";

/** Between browser and service: has the browser come back soon, and cuts its stream when a test wants that. */
class Proxy implements AsyncDisposable {
  /** What each EventSource said to have got when it came. */
  readonly lastEventIds: unknown[] = [];
  readonly #cuts: AbortController[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(service: Running) {
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
      headers.delete("origin"); // it is not the service's
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

/** The text of the stream, with another `retry`, until it is cut. */
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

/** A page that listens, in a browser with an empty profile. */
async function listening(url: string): Promise<{ happened: unknown[] } & AsyncDisposable> {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const happened: unknown[] = [];
  await page.exposeFunction("happens", (one: unknown) => void happened.push(one));
  await page.goto(`${url}/healthz`); // a page of the service that does nothing by itself
  await page.evaluate(`{
    const source = new EventSource("/v1/events?target=alexander");
    source.onmessage = ({ data, lastEventId }) => {
      for (const message of JSON.parse(data)) happens({ data: message.data ?? message.type, id: lastEventId });
    };
    source.addEventListener("close", ({ data }) => {
      source.close();
      happens({ close: JSON.parse(data).code });
    });
  }`);
  return { happened, [Symbol.asyncDispose]: () => browser.close() };
}

async function untilThereAre(count: number, happened: readonly unknown[]): Promise<void> {
  while (happened.length < count) await soon();
}

test("EventSource gets everything once and in order, comes back by itself where it was, and is told of the end", async () => {
  await using service = await Running.started();
  await using proxy = new Proxy(service);
  await using tab = await listening(proxy.url);
  const { happened } = tab;
  await untilThereAre(1, happened);
  const notify = async (data: unknown) => (await service.notify({ target: "alexander", data })).position;
  const hello = await notify({ line: "\u2028", title: "Hello, Alexander Hamilton!" });
  await untilThereAre(2, happened);
  proxy.cut();
  const meanwhile = await notify("meanwhile");
  await untilThereAre(4, happened);
  const live = await notify("live");
  await untilThereAre(5, happened);
  await service.stop();
  await untilThereAre(6, happened);
  assertEquals(happened.slice(1), [
    { data: { line: "\u2028", title: "Hello, Alexander Hamilton!" }, id: hello },
    { data: "welcome", id: hello },
    { data: "meanwhile", id: meanwhile },
    { data: "live", id: live },
    { close: 1012 },
  ]);
  assertEquals(proxy.lastEventIds, [null, hello]);
});
