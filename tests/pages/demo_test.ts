/** The demo page as a person sees it: in a real browser, on the real service. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Browser, Locator, Page, WebSocketRoute } from "playwright-core";
import { serve, type Service } from "../../main.ts";
import { configFrom } from "../../src/config.ts";
import { OF_A_TEST } from "../end_to_end/running.ts";
import { launched, test } from "../browser/chromium.ts";

const ALEXANDERS = ["Alexander’s laptop", "Alexander’s tablet", "Alexander’s desktop"];
const ALL = [...ALEXANDERS, "Burr"];
const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };
const LONGEST_WAIT_MS = 20_000; // of the page, before it connects again

/** A service, a browser with an empty profile, and the page in it. Whatever the page fails at fails the test. */
class Demo implements AsyncDisposable {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #errors: string[] = [];
  #service: Service;

  private constructor(service: Service, browser: Browser, page: Page) {
    this.#service = service;
    this.#browser = browser;
    this.page = page;
    page.setDefaultTimeout(10_000);
    page.on("pageerror", ({ message }) => this.#errors.push(message));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) this.#errors.push(message.text());
    });
  }

  static async start(environment: Record<string, string> = {}): Promise<Demo> {
    const browser = await launched();
    const page = await browser.newPage();
    return new Demo(await serve(configFrom({ ...OF_A_TEST, ...environment })), browser, page);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#service.port}`;
  }

  /** Opens the page, and waits until all panes show the state. */
  async visit(state: string): Promise<void> {
    await this.page.goto(this.url);
    for (const name of ALL) await this.shows(name, state);
  }

  pane(name: string): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** Resolves when the head of the pane says it. */
  async shows(name: string, text: string): Promise<void> {
    await this.pane(name).getByRole("status").filter({ hasText: text }).waitFor();
  }

  /** Resolves when the newest of the pane is this. */
  async gets(name: string, text: string): Promise<void> {
    await this.pane(name).getByRole("listitem").first().filter({ hasText: text }).waitFor();
  }

  /** What the pane has got, newest first. */
  async titles(name: string): Promise<string[]> {
    return await this.pane(name).locator("strong").allTextContents();
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Fills in the form, and sends it. */
  async send(target: string, { title, body = "" }: { title: string; body?: string }): Promise<void> {
    await this.page.getByLabel("Target").selectOption(target);
    await this.page.getByLabel("Title").fill(title);
    await this.page.getByLabel("Body").fill(body);
    await this.press("Send");
  }

  /** What a backend does. */
  async notify(body: unknown): Promise<void> {
    const response = await fetch(`${this.url}/v1/notify`, { method: "POST", body: JSON.stringify(body) });
    assertEquals(response.status, 202, await response.text());
  }

  /** Starts another service in the same place; its journal is empty. */
  async restart(): Promise<void> {
    const { port } = this.#service;
    await this.#service.stop();
    this.#service = await serve(configFrom({ ...OF_A_TEST, PORT: `${port}` }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#service.stop();
    assertEquals(this.#errors, []);
  }
}

/** The connections of one target, one after the other, from between the page and the service. */
async function connectionsOf(target: string, { page }: Demo): Promise<WebSocketRoute[]> {
  const connections: WebSocketRoute[] = [];
  await page.routeWebSocket((url) => url.searchParams.get("target") === target, (connection) => {
    connection.connectToServer();
    connections.push(connection);
  });
  return connections;
}

test("Demo page shows a notification for alexander in all three of his panes and not in Burr's", async () => {
  await using demo = await Demo.start();
  await demo.visit("Open");
  await demo.send("alexander", { title: "Hello, Alexander Hamilton!" });
  for (const name of ALEXANDERS) await demo.gets(name, "Hello, Alexander Hamilton!");

  await demo.send("burr", { title: "Good day, Mr. Burr." });
  await demo.gets("Burr", "Good day, Mr. Burr.");
  assertEquals(await demo.titles("Burr"), ["Good day, Mr. Burr."]);
  for (const name of ALEXANDERS) assertEquals(await demo.titles(name), ["Hello, Alexander Hamilton!"]);
});

test("Demo page shows a notification for everyone in all four panes, and what the server answered", async () => {
  await using demo = await Demo.start();
  await demo.visit("Open");
  await demo.send("everyone", { title: "The vote is at noon", body: "It's in the hall." });
  for (const name of ALL) await demo.gets(name, "It's in the hall.");
  assertMatch(
    await demo.page.locator("#post-answer").innerText(),
    /^202 Accepted: id \S+, position \w{8}-\w{11}$/,
  );
});

test("Demo page shows what it posts as a line for a shell", async () => {
  await using demo = await Demo.start();
  await demo.visit("Open");
  const title = `It's $HOME, "quoted" \\ and all`;
  await demo.page.getByLabel("Title").fill(title);
  const line = await demo.page.locator("#curl").innerText();
  const script = line.replace(/^curl /, "printf '%s\\n' ");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  const [option, json = "", url] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals([option, url], ["-d", `${demo.url}/v1/notify`]);
  assertEquals(JSON.parse(json), { target: "alexander", data: { title } });
});

test("A disconnected pane catches up with what it missed, each once and in order", async () => {
  await using demo = await Demo.start();
  await demo.visit("Open");
  await demo.send("alexander", { title: "zero" });
  for (const name of ALEXANDERS) await demo.gets(name, "zero");
  await demo.press("Disconnect Alexander’s tablet");
  await demo.shows("Alexander’s tablet", "Closed 1000");
  for (const title of ["one", "two"]) {
    await demo.send("alexander", { title });
    await demo.gets("Alexander’s laptop", title);
  }
  assertEquals(await demo.titles("Alexander’s tablet"), ["zero"]);

  await demo.press("Connect Alexander’s tablet");
  await demo.gets("Alexander’s tablet", "two");
  await demo.send("alexander", { title: "three" });
  await demo.gets("Alexander’s tablet", "three");
  for (const name of ALEXANDERS) assertEquals(await demo.titles(name), ["three", "two", "one", "zero"]);
});

test("A pane that comes back to a server without memory says that something was missed", async () => {
  await using demo = await Demo.start();
  await demo.page.clock.install();
  await demo.visit("Open");
  await demo.page.clock.pauseAt(Date.now() + LONGEST_WAIT_MS);
  await demo.restart();
  await demo.shows("Burr", "Reconnecting");
  await demo.page.clock.fastForward(LONGEST_WAIT_MS);
  await demo.shows("Burr", "Open");
  await demo.gets("Burr", "Something was missed");
});

test("A pane stays away when it is closed with 4003", async () => {
  await using demo = await Demo.start();
  const connections = await connectionsOf("burr", demo);
  await demo.page.clock.install();
  await demo.visit("Open");
  await connections.at(-1)?.close({ code: 4003, reason: "disconnected by the backend" });
  await demo.shows("Burr", "Closed 4003: disconnected by the backend");
  await demo.page.clock.fastForward(10 * LONGEST_WAIT_MS);
  await demo.page.getByRole("button", { name: "Connect Burr" }).waitFor();
  assertEquals(connections.length, 1);
});

test("A pane comes back at once, and goes on, when it is closed with 4201", async () => {
  await using demo = await Demo.start();
  const connections = await connectionsOf("burr", demo);
  await demo.page.clock.install();
  await demo.visit("Open");
  await demo.notify({ target: "burr", data: { title: "one" } });
  await demo.gets("Burr", "one");
  await demo.page.clock.pauseAt(Date.now() + LONGEST_WAIT_MS);
  await connections.at(-1)?.close({ code: 4201, reason: "the token has expired" });
  await demo.shows("Burr", "Reconnecting 4201: the token has expired (again in 0.0 s)");
  await demo.notify({ target: "burr", data: { title: "two" } });
  await demo.page.clock.runFor(1);
  await demo.gets("Burr", "two");
  assertEquals(await demo.titles("Burr"), ["two", "one"]);
  assertEquals(connections.length, 2);
});

test("A pane shows what looks like HTML as text, and what has no title as JSON", async () => {
  await using demo = await Demo.start();
  await demo.visit("Open");
  const html = `<img src="x" onerror="document.title = 'taken over'"><b>bold</b>`;
  await demo.send("burr", { title: html, body: html });
  await demo.gets("Burr", "bold");
  assertEquals(await demo.titles("Burr"), [html]);
  assertEquals(await demo.pane("Burr").locator("li p").allTextContents(), [html]);

  const json = `{"title":1.0,"n":12345678901234567890,"html":"<b>bold</b>"}`;
  const posted = await fetch(`${demo.url}/v1/notify`, {
    method: "POST",
    body: `{"target":"burr","data":${json}}`,
  });
  assertEquals(posted.status, 202, await posted.text());
  await demo.gets("Burr", json);
  assertEquals(await demo.pane("Burr").locator("img, b").count(), 0);
  assertEquals(await demo.page.title(), "Tidings");
});

test("A pane shows the last 50", async () => {
  await using demo = await Demo.start();
  await demo.visit("Open");
  const titles = Array.from({ length: 60 }, (_, index) => `number ${index}`);
  await demo.notify(titles.map((title) => ({ target: "burr", data: { title } })));
  await demo.gets("Burr", "number 59");
  assertEquals(await demo.titles("Burr"), titles.slice(10).reverse());
});

test("Demo page asks for a publisher key where one is needed, says when it is wrong, and then works", async () => {
  await using demo = await Demo.start(SECRETS);
  await demo.visit("Waiting for a publisher key");
  const field = demo.page.locator("#key");
  await field.fill("a-wrong-key");
  await demo.press("Use this key");
  const problem = demo.page.locator("#key-form").getByRole("status").filter({ hasText: "401" });
  assertStringIncludes(await problem.innerText(), "A valid token or key is needed: ");
  await demo.shows("Burr", "Waiting for a publisher key");

  await field.fill(KEY);
  await demo.press("Use this key");
  for (const name of ALL) await demo.shows(name, "Open");
  await field.waitFor({ state: "hidden" });
  await demo.send("alexander", { title: "Hello, Alexander Hamilton!" });
  for (const name of ALEXANDERS) await demo.gets(name, "Hello, Alexander Hamilton!");
  assertEquals((await demo.page.content()).includes(KEY), false);
});
