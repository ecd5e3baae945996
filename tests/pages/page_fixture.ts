/** A fixture for page tests: a real service, a browser, and a page whose errors fail the test. */

import axe from "axe-core/axe.min.js" with { type: "text" };
import { assert, assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { TestService } from "../end_to_end/test_service.ts";
import type { Limits } from "../../src/config/limits.ts";
import { launchBrowser } from "../browser/chromium.ts";

/** The browsers that tests open a page in: both colour schemes, and a phone. */
export const VARIANTS = {
  light: { colorScheme: "light", viewport: { width: 1360, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1360, height: 900 } },
  phone: {
    colorScheme: "light",
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  },
} as const satisfies Record<string, BrowserContextOptions>;
export type Variant = keyof typeof VARIANTS;

const SHOTS = new URL("./shots/", import.meta.url).pathname; // in .gitignore

/** The part of axe's result that explains a failure. */
interface Violations {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

export class PageFixture implements AsyncDisposable {
  readonly service: TestService;
  readonly page: Page;
  readonly #browser: Browser;
  readonly #errors: string[] = [];

  private constructor(deps: { service: TestService; browser: Browser; page: Page }) {
    this.service = deps.service;
    this.#browser = deps.browser;
    this.page = deps.page;
    this.page.setDefaultTimeout(60_000);
    this.page.on("pageerror", ({ message }) => this.#errors.push(message));
    this.page.on("console", (message) => {
      if (message.type() !== "error" && !/content security policy/i.test(message.text())) return;
      this.#errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  static async open(
    environment: Record<string, string> = {},
    { variant = "light", limits = {} }: { variant?: Variant; limits?: Partial<Limits> } = {},
  ): Promise<PageFixture> {
    const browser = await launchBrowser();
    const context = await browser.newContext(VARIANTS[variant]);
    const page = await context.newPage();
    return new PageFixture({ service: await TestService.start(environment, { limits }), browser, page });
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.service.url + path);
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Looks up a target in the console. */
  async lookUp(target: string): Promise<void> {
    await this.page.getByLabel("Target", { exact: true }).fill(target);
    await this.press("Look up");
  }

  async enterKey(key: string): Promise<void> {
    await this.page.getByLabel("Publisher key", { exact: true }).fill(key);
    await this.press("Use key");
  }

  /** Enters a key that the service does not accept, and asserts that the page says so. */
  async assertWrongKeyIsRefused(): Promise<void> {
    await this.enterKey("a-wrong-key");
    await this.page.getByText("The service does not accept this key.").waitFor();
    const errors = this.takeErrors();
    assert(errors.length === 1 && errors[0]?.includes("401"), errors.join());
  }

  /** Returns the errors so far, and forgets them, so that they do not fail the test. */
  takeErrors(): string[] {
    return this.#errors.splice(0);
  }

  /** Asserts that axe finds no accessibility problem in the page. Also takes a screenshot. */
  async assertAccessible(name: string): Promise<void> {
    await this.page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
    await this.page.evaluate(axe); // by the debugger, so the page's content security policy does not apply
    const { violations } = await this.page.evaluate<Violations>("axe.run()");
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assertEquals(found, [], name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.service.stop();
    assertEquals(this.#errors, []);
  }
}
