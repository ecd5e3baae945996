/** A page in a real browser that uses the SDK as the service serves it, and what happens there. */

import { assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";

/** Options of `connect` that a test can hand to a page. */
export interface VisitorOptions {
  readonly target?: string;
  readonly share?: boolean;
  readonly showNotification?: boolean;
  /** The service; the page's own host if it is not said. */
  readonly service?: string;
  /** Gets tokens. */
  readonly token?: () => Promise<string>;
}

/** What browsers themselves say of a network that fails, and no page can help. */
const OF_THE_NETWORK = /WebSocket connection to .* failed|Failed to load resource|net::ERR_/;

export class Visitor {
  readonly page: Page;
  /** `open websocket`, `waiting`, `got 1`, `missed expired`, … in their order. */
  readonly happened: string[] = [];
  /** What is wrong in the console, or was thrown and not caught. */
  readonly errors: string[] = [];
  #changed = () => {};

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.errors.push(message));
    page.on("console", (message) => {
      if (message.type() === "error" && !OF_THE_NETWORK.test(message.text())) {
        this.errors.push(message.text());
      }
    });
  }

  /** Opens a page of the host, and connects. */
  static async at(url: string, context: BrowserContext, options: VisitorOptions): Promise<Visitor> {
    const visitor = new Visitor(await context.newPage());
    const { page } = visitor;
    await page.exposeFunction("happens", (text: string) => visitor.#add(text));
    await page.exposeFunction("freshToken", options.token ?? (() => ""));
    await page.goto(`${url}/healthz`); // any page without a script of its own
    await visitor.connect(options);
    return visitor;
  }

  async connect({ token, service = "", ...options }: VisitorOptions): Promise<void> {
    const given = `{ ...${JSON.stringify(options)}${
      token === undefined ? "" : ", token: () => freshToken()"
    } }`;
    await this.page.evaluate(`(async () => {
      const { connect } = await import("${service}/client.js");
      const tidings = globalThis.tidings = connect("${service}/", ${given});
      tidings.addEventListener("state", ({ detail: { state, transport } }) =>
        happens(transport === null || state !== "open" ? state : state + " " + transport));
      tidings.addEventListener("notification", ({ detail: { data } }) => happens("got " + data));
      tidings.addEventListener("missed", ({ detail: { why } }) => happens("missed " + why));
      tidings.addEventListener("error", ({ detail: { final } }) => happens(final ? "error final" : "error"));
    })()`);
  }

  /** Resolves when it has happened so many times; a test that waits in vain runs into its time limit. */
  async has(text: string, times = 1): Promise<void> {
    while (this.count(text) < times) await new Promise<void>((resolve) => this.#changed = resolve);
  }

  count(text: string): number {
    return this.happened.filter((one) => one === text).length;
  }

  /** The data of what it got. */
  get got(): string[] {
    return this.happened.filter((one) => one.startsWith("got ")).map((one) => one.slice(4));
  }

  /** It got all of them, once and in order, and nothing went wrong. */
  assertGot(expected: readonly unknown[]): void {
    assertEquals(this.got, expected.map((one) => `${one}`));
    assertEquals(this.happened.filter((one) => /^missed|^error/.test(one)), []);
    assertEquals(this.errors, []);
  }

  #add(text: string): void {
    this.happened.push(text);
    this.#changed();
  }
}
