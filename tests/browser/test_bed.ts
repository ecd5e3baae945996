/** A browser, a network that a test can cut, and a service that a test can restart. */

import type { BrowserContext } from "playwright-core";
import { TestService } from "../end_to_end/test_service.ts";
import { launchBrowser } from "./chromium.ts";
import { ClientPage, type ClientPageOptions } from "./client_page.ts";
import { Network } from "./network.ts";

export const ALEXANDER = { target: "alexander" };

export class TestBed implements AsyncDisposable {
  readonly network = new Network(() => this.service.port);
  readonly context: BrowserContext;
  service: TestService;
  #nextData = 0;

  private constructor(service: TestService, context: BrowserContext) {
    this.service = service;
    this.context = context;
  }

  static async create(environment: Record<string, string> = {}): Promise<TestBed> {
    const browser = await launchBrowser();
    return new TestBed(await TestService.start(environment), await browser.newContext());
  }

  /** Opens a page that connects to the service through the network. */
  openPage(options: ClientPageOptions = ALEXANDER): Promise<ClientPage> {
    return ClientPage.open(this.network.url, this.context, options);
  }

  /** Posts notifications with the data 0, 1, 2, …, and returns the data of those it has posted. */
  async post(count: number, headers: Record<string, string> = {}): Promise<string[]> {
    const all = Array.from({ length: count }, () => `${this.#nextData++}`);
    for (const data of all) await this.service.notify({ ...ALEXANDER, data }, headers);
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.browser()?.close();
    await this.network[Symbol.asyncDispose]();
    await this.service.stop();
  }
}
