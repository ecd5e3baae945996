/** A visit: a real service, a browser with an empty profile, and a page in it. What goes wrong in it fails the test. */

import axe from "axe-core/axe.min.js" with { type: "text" };
import { assert, assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { Running } from "../end_to_end/running.ts";
import type { Limits } from "../../src/config/limits.ts";
import { launchBrowser } from "../browser/chromium.ts";

/** Both themes, and a phone. */
export const LOOKS = {
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
export type Look = keyof typeof LOOKS;

const SHOTS = new URL("./shots/", import.meta.url).pathname; // git ignores it

/** As much of what axe says as a reader of a failure needs. */
interface Violations {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

export class Visit implements AsyncDisposable {
  readonly service: Running;
  readonly page: Page;
  readonly #browser: Browser;
  readonly #errors: string[] = [];

  private constructor(parts: { service: Running; browser: Browser; page: Page }) {
    this.service = parts.service;
    this.#browser = parts.browser;
    this.page = parts.page;
    this.page.setDefaultTimeout(60_000);
    this.page.on("pageerror", ({ message }) => this.#errors.push(message));
    this.page.on("console", (message) => {
      if (message.type() !== "error" && !/content security policy/i.test(message.text())) return;
      this.#errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  static async begun(
    environment: Record<string, string> = {},
    { look = "light", limits = {} }: { look?: Look; limits?: Partial<Limits> } = {},
  ): Promise<Visit> {
    const browser = await launchBrowser();
    const context = await browser.newContext(LOOKS[look]);
    const page = await context.newPage();
    return new Visit({ service: await Running.started(environment, limits), browser, page });
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

  async showKey(key: string): Promise<void> {
    await this.page.getByLabel("Publisher key", { exact: true }).fill(key);
    await this.press("Use this key");
  }

  /** Shows a key that the service does not know. */
  async isToldOfAWrongKey(): Promise<void> {
    await this.showKey("a-wrong-key");
    await this.page.getByText("The service does not know this key.").waitFor();
    const refused = this.takeErrors();
    assert(refused.length === 1 && refused[0]?.includes("401"), refused.join());
  }

  /** What has gone wrong until now, which is forgiven. */
  takeErrors(): string[] {
    return this.#errors.splice(0);
  }

  /** Fails if somebody could not see, reach or understand a part of the page. Also takes a picture of it. */
  async isAccessible(name: string): Promise<void> {
    await this.page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
    await this.page.evaluate(axe); // by the debugger: no policy of the page has to allow it
    const { violations } = await this.page.evaluate<Violations>("axe.run()");
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    assertEquals(told, [], name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.service.stop();
    assertEquals(this.#errors, []);
  }
}
