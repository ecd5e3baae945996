/** A page of an application with the bell, on a host of its own, and what a user does with it. */

import { assertEquals } from "@std/assert";
import type { BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { TestService } from "../end_to_end/test_service.ts";
import { launchBrowser } from "./chromium.ts";

export interface BellPageOptions {
  /** The HTML with the element. `SERVICE` stands for the URL of the service. */
  readonly html?: string;
  /** What is special about the browser. */
  readonly browser?: BrowserContextOptions;
  /** Opens a tab of a browser that has others. */
  readonly context?: BrowserContext;
}

const BELL = '<tidings-inbox url="SERVICE" target="alexander"></tidings-inbox>';

/** What browsers log when a request is refused or the network fails. A page cannot prevent it. */
const NETWORK_ERROR = /WebSocket connection to .* failed|Failed to load resource|net::ERR_/;

export class BellPage {
  readonly page: Page;
  /** The errors in the console, such as violations of the policy, and the exceptions that nothing caught. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(60_000);
    page.on("pageerror", ({ message }) => this.errors.push(message));
    page.on("console", (message) => {
      if (message.type() === "error" && !NETWORK_ERROR.test(message.text())) this.errors.push(message.text());
    });
  }

  /** Opens a page in a browser of its own, as another device has one. */
  static async open(
    bed: BellBed,
    { html = BELL, browser = {}, context }: BellPageOptions = {},
  ): Promise<BellPage> {
    const opened = new BellPage(await (context ?? await bed.browser.newContext(browser)).newPage());
    await opened.page.goto(bed.pageUrl(html));
    return opened;
  }

  get bell(): Locator {
    return this.page.getByRole("button", { name: /^Notifications/ });
  }

  get panel(): Locator {
    return this.page.getByRole("dialog", { name: "Notifications" });
  }

  get items(): Locator {
    return this.panel.getByRole("listitem");
  }

  /** Resolves when the name of the bell has this number of unread notifications, and the badge shows it. */
  async waitForUnread(count: number, badge = `${count}`): Promise<void> {
    const name = count === 0 ? "Notifications" : `Notifications, ${count} unread`;
    await this.page.getByRole("button", { name, exact: true }).waitFor();
    const shown = this.bell.locator("[part=badge]");
    assertEquals(await shown.isVisible() ? await shown.innerText() : "0", badge);
  }

  /** Opens the panel, and waits for this number of notifications. */
  async openPanel(items: number): Promise<void> {
    await this.bell.click();
    if (items > 0) await this.waitForItems(items);
  }

  async waitForItems(count: number): Promise<void> {
    await this.items.nth(count - 1).waitFor();
    assertEquals(await this.items.count(), count);
  }

  /** The accessible name of what has the focus, as the browser tells it to screen readers. */
  async focusedName(): Promise<string> {
    const session = await this.page.context().newCDPSession(this.page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const isFocused = (node: typeof nodes[number]) =>
      node.properties?.some(({ name, value }) => name === "focused" && value.value === true);
    const focused = nodes.filter((node) => isFocused(node) && node.role?.value !== "RootWebArea");
    await session.detach();
    return focused.map(({ role, name }) => `${role?.value}: ${name?.value}`).join(" in ");
  }

  /** A property of the panel's computed style. */
  async style(name: string): Promise<string> {
    const panel = 'document.querySelector("tidings-inbox").shadowRoot.querySelector("[part=panel]")';
    return await this.page.evaluate<string>(`getComputedStyle(${panel}).${name}`);
  }
}

/** A service, a browser, and the host of an application whose pages load the bell from the service. */
export class BellBed implements AsyncDisposable {
  readonly service: TestService;
  readonly browser: Awaited<ReturnType<typeof launchBrowser>>;
  /** Answers the page's request for a token. */
  answerToken: () => Promise<Response> = () => Promise.resolve(new Response(null, { status: 401 }));
  readonly #app: Deno.HttpServer<Deno.NetAddr>;
  #count = 0;

  private constructor(deps: Pick<BellBed, "service" | "browser"> & { app: Deno.HttpServer<Deno.NetAddr> }) {
    this.service = deps.service;
    this.browser = deps.browser;
    this.#app = deps.app;
  }

  static async create(environment: Record<string, string> = {}): Promise<BellBed> {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const app: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
      options,
      (request) => bed.#answer(new URL(request.url)),
    );
    const origin = { TIDINGS_ALLOWED_ORIGINS: `http://127.0.0.1:${app.addr.port}` };
    const service = await TestService.start({ ...origin, ...environment });
    const bed: BellBed = new BellBed({ app, service, browser: await launchBrowser() });
    return bed;
  }

  /** The URL of a page that has this HTML in its body. */
  pageUrl(html: string): string {
    return `http://127.0.0.1:${this.#app.addr.port}/app?html=${encodeURIComponent(html)}`;
  }

  /** Posts notifications with the titles "News 1", "News 2", … */
  async post(count: number, target = "alexander"): Promise<void> {
    for (let n = 0; n < count; n++) {
      await this.service.notify({ target, data: { title: `News ${++this.#count}`, body: "A body" } });
    }
  }

  async #answer({ pathname, searchParams }: URL): Promise<Response> {
    if (pathname === "/push-token") return await this.answerToken();
    if (pathname !== "/app") return new Response(pathname);
    const { url } = this.service, html = searchParams.get("html") ?? "";
    const body = `<!doctype html><html lang="en"><title>App</title><body>${html.replaceAll("SERVICE", url)}` +
      `<button>Of the app</button><script type="module" src="${url}/bell.js"></script>`;
    return new Response(body, {
      headers: { "content-type": "text/html", "content-security-policy": policyFor(url) },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.service.stop();
    await this.#app.shutdown();
  }
}

/** Scripts and connections of the service, and nothing else: no inline style, no eval, no HTML from strings. */
function policyFor(service: string): string {
  const connections = `'self' ${service} ${service.replace("http", "ws")}`;
  return `default-src 'none'; script-src ${service}; connect-src ${connections}; require-trusted-types-for 'script'`;
}
