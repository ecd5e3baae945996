/** A page in a real browser that uses the SDK as the service serves it, and records its events. */

import { assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";

/** The options of `connect` that a test can pass to a page. */
export interface ClientPageOptions {
  readonly target?: string;
  readonly share?: boolean;
  readonly after?: string;
  readonly remember?: string;
  readonly showNotification?: boolean;
  /** The URL of the service; the default is the page's own host. */
  readonly service?: string;
  /** Runs in the test, for the page. */
  readonly token?: () => Promise<string>;
}

/** What browsers log when the network fails. A page cannot prevent it. */
const NETWORK_ERROR = /WebSocket connection to .* failed|Failed to load resource|net::ERR_/;

export class ClientPage {
  readonly page: Page;
  /** `open websocket`, `waiting`, `got 1`, `missed expired`, … in their order. */
  readonly events: string[] = [];
  /** The errors in the console, and the exceptions that nothing caught. */
  readonly errors: string[] = [];
  #onChange = () => {};

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.errors.push(message));
    page.on("console", (message) => {
      if (message.type() === "error" && !NETWORK_ERROR.test(message.text())) {
        this.errors.push(message.text());
      }
    });
  }

  /** Opens a page of the host, and connects. */
  static async open(url: string, context: BrowserContext, options: ClientPageOptions): Promise<ClientPage> {
    const opened = new ClientPage(await context.newPage());
    const { page } = opened;
    await page.exposeFunction("record", (text: string) => opened.#record(text));
    await page.exposeFunction("freshToken", options.token ?? (() => ""));
    await page.goto(`${url}/healthz`); // any page without a script of its own
    await opened.connect(options);
    return opened;
  }

  /** Reloads the page, and connects. */
  async reload(options: ClientPageOptions): Promise<void> {
    await this.page.reload();
    await this.connect(options);
  }

  async connect({ token, service = "", ...options }: ClientPageOptions): Promise<void> {
    const argument = `{ ...${JSON.stringify(options)}${
      token === undefined ? "" : ", token: () => freshToken()"
    } }`;
    await this.page.evaluate(`(async () => {
      const { connect } = await import("${service}/client.js");
      const tidings = globalThis.tidings = connect("${service}/", ${argument});
      tidings.addEventListener("state", ({ detail: { state, transport } }) =>
        record(transport === null || state !== "open" ? state : state + " " + transport));
      tidings.addEventListener("notification", ({ detail: { data } }) => record("got " + data));
      tidings.addEventListener("missed", ({ detail: { why } }) => record("missed " + why));
      tidings.addEventListener("error", ({ detail: { final } }) => record(final ? "error final" : "error"));
    })()`);
  }

  /** Resolves when the text has been recorded this many times. If it never is, the test runs into its time limit. */
  async waitFor(text: string, times = 1): Promise<void> {
    while (this.events.filter((one) => one === text).length < times) {
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
  }

  /** Checks that the page has received these data, once and in order, and that nothing went wrong. */
  assertReceived(expected: readonly unknown[]): void {
    const received = this.events.filter((one) => one.startsWith("got ")).map((one) => one.slice(4));
    assertEquals(received, expected.map((one) => `${one}`));
    assertEquals(this.events.filter((one) => /^missed|^error/.test(one)), []);
    assertEquals(this.errors, []);
  }

  #record(text: string): void {
    this.events.push(text);
    this.#onChange();
  }
}
