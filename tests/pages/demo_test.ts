/** The demo page as a person sees it: in a real browser, on the real service. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Locator } from "playwright-core";
import { assertProblem } from "../http/assert_problem.ts";
import { Running, soon } from "../end_to_end/running.ts";
import { test } from "../browser/chromium.ts";
import { type Look, LOOKS, Visit } from "./visit.ts";

const ALEXANDERS = ["Alexander’s laptop", "Alexander’s tablet", "Alexander’s desktop"];
const ALL = [...ALEXANDERS, "Burr’s laptop"];
const KEY = "a-publisher-key";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };

/** Resolves when so many of Alexander's connections are behind. */
async function areBehind(count: number, { service }: Visit): Promise<void> {
  for (;;) {
    const response = await fetch(`${service.url}/v1/targets/alexander`);
    const { connections }: { connections: { behind: boolean }[] } = await response.json();
    if (connections.filter(({ behind }) => behind).length === count) return;
    await soon();
  }
}

/** The page, and what a person does on it. */
class Demo {
  constructor(readonly visit: Visit) {}

  /** Opens the page, and waits until all devices show the state. */
  async open(state = "Open"): Promise<void> {
    await this.visit.goTo("/");
    for (const name of ALL) await this.shows(name, state);
  }

  device(name: string): Locator {
    return this.visit.page.getByRole("region", { name, exact: true });
  }

  async shows(name: string, text: string): Promise<void> {
    await this.device(name).getByRole("status").filter({ hasText: text }).waitFor();
  }

  /** Resolves when the newest of the device is this. */
  async gets(name: string, text: string): Promise<void> {
    await this.device(name).getByRole("listitem").first().filter({ hasText: text }).waitFor();
  }

  /** What the device has got, newest first. */
  async titles(name: string): Promise<string[]> {
    return await this.device(name).locator("strong").allTextContents();
  }

  async flip(name: string, which: "Network" | "Stall"): Promise<void> {
    await this.device(name).getByRole("switch", { name: which }).click();
  }

  async send(to: string, { title, body = "" }: { title: string; body?: string }): Promise<void> {
    const { page } = this.visit;
    await page.getByText(to, { exact: true }).click();
    await page.getByLabel("Title").fill(title);
    await page.getByLabel("Body").fill(body);
    await this.visit.press("Send");
  }
}

test("Demo page shows a notification for Alexander on his three devices and not on Burr's", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  await demo.send("Alexander", { title: "Hello, Alexander Hamilton!" });
  for (const name of ALEXANDERS) await demo.gets(name, "Hello, Alexander Hamilton!");
  await demo.send("Burr", { title: "Good day, Mr. Burr." });
  await demo.gets("Burr’s laptop", "Good day, Mr. Burr.");
  assertEquals(await demo.titles("Burr’s laptop"), ["Good day, Mr. Burr."]);
  for (const name of ALEXANDERS) assertEquals(await demo.titles(name), ["Hello, Alexander Hamilton!"]);
});

test("Demo page sends to both and to everyone, and says how long it took to each device", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  for (const to of ["Both", "Everyone"]) {
    await demo.send(to, { title: `To ${to}`, body: "It's in the hall." });
    for (const name of ALL) await demo.gets(name, `To ${to}It's in the hall.`);
    const arrivals = visit.page.getByRole("list", { name: "How long it took" }).getByRole("listitem");
    const words = await arrivals.allTextContents();
    assertEquals(words.map((one) => one.split(":")[0]), ALL);
    for (const one of words) assertMatch(one, /: [\d.]+ m?s$/);
    await visit.page.getByText(/^202 Accepted, at position \w{8}-\w{11}$/).waitFor();
  }
});

test("Demo page shows what it sends as a line for a shell", async () => {
  await using visit = await Visit.begun();
  await new Demo(visit).open();
  const title = `It's $HOME, "quoted" \\ and all`;
  await visit.page.getByLabel("Title").fill(title);
  await visit.page.getByLabel("Body").fill("");
  const line = await visit.page.locator("#curl").innerText();
  const script = line.replace(/^curl /, "printf '%s\\n' ");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  const [option, json = "", url] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals([option, url], ["-d", `${visit.service.url}/v1/notify`]);
  assertEquals(JSON.parse(json), { target: "alexander", data: { title } });
});

test("A device whose network was cut gets what it missed, each once and in order, and says so", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  await demo.send("Alexander", { title: "zero" });
  for (const name of ALEXANDERS) await demo.gets(name, "zero");
  await demo.flip("Alexander’s tablet", "Network");
  await demo.shows("Alexander’s tablet", "Waiting");
  await visit.service.holds(2, "alexander");
  for (const title of ["one", "two"]) {
    await demo.send("Alexander", { title });
    for (const name of ["Alexander’s laptop", "Alexander’s desktop"]) await demo.gets(name, title);
  }
  assertEquals(await demo.titles("Alexander’s tablet"), ["zero"]);

  await demo.flip("Alexander’s tablet", "Network");
  await demo.gets("Alexander’s tablet", "two");
  await demo.send("Alexander", { title: "three" });
  for (const name of ALEXANDERS) {
    await demo.gets(name, "three");
    assertEquals(await demo.titles(name), ["three", "two", "one", "zero"]);
  }
  const late = demo.device("Alexander’s tablet").getByRole("listitem").filter({ hasText: "missed, came" });
  assertEquals(await late.locator("strong").allTextContents(), ["two", "one"]);
});

test("A stalled device falls behind for the server, and gets everything when it goes on", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  await demo.flip("Alexander’s desktop", "Stall");
  await visit.press("Send 10 MB");
  await visit.page.getByText("300 of 300 accepted").waitFor();
  await demo.gets("Alexander’s laptop", "Large one 300 of 300");
  await areBehind(1, visit);
  assertEquals(await demo.titles("Alexander’s desktop"), []);

  await demo.flip("Alexander’s desktop", "Stall");
  await demo.gets("Alexander’s desktop", "Large one 300 of 300missed, came");
  await areBehind(0, visit);
  const titles = await demo.titles("Alexander’s desktop");
  assertEquals(titles, Array.from({ length: 50 }, (_, n) => `Large one ${300 - n} of 300`));
});

test("Demo page says how the server sees each device, as long as somebody looks at the page", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await visit.page.clock.install();
  await demo.open();
  await demo.flip("Alexander’s tablet", "Network");
  await visit.service.holds(2, "alexander");
  await visit.page.clock.fastForward(1_000);
  await demo.device("Alexander’s tablet").getByText("For the server, it is not there.").waitFor();
  await demo.device("Alexander’s laptop").getByText("For the server, it is live.").waitFor();
});

test("A device stays away when the backend closes its connection", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  const { url } = visit.service;
  const response = await fetch(`${url}/v1/targets/burr/connections`, { method: "DELETE" });
  assertEquals(await response.json(), { closed: 1 });
  await demo.shows("Burr’s laptop", "Closed 4003: the backend has closed this connection");
});

test("A device shows what looks like HTML as text, and what has no title as JSON", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  const html = `<img src="x" onerror="document.title = 'taken over'"><b>bold</b>`;
  await demo.send("Burr", { title: html, body: html });
  await demo.gets("Burr’s laptop", "bold");
  assertEquals(await demo.titles("Burr’s laptop"), [html]);
  assertEquals(await demo.device("Burr’s laptop").locator("li p").allTextContents(), [html]);

  const json = `{"title":1,"n":12345678901234567890,"html":"<b>bold</b>"}`;
  const body = `{"target":"burr","data":${json}}`;
  const posted = await fetch(`${visit.service.url}/v1/notify`, { method: "POST", body });
  assertEquals(posted.status, 202, await posted.text());
  await demo.gets("Burr’s laptop", json);
  assertEquals(await demo.device("Burr’s laptop").locator("img, b").count(), 0);
  assertEquals(await visit.page.title(), "Tidings");
});

test("Demo page asks for a publisher key where one is needed, says when it is wrong, and keeps it in the tab", async () => {
  await using visit = await Visit.begun({ ...SECRETS, TIDINGS_DEMO: "on" });
  const demo = new Demo(visit);
  await demo.open("Waiting for a publisher key");
  await visit.isAccessible("demo-key");
  for (const which of ["Network", "Stall"]) {
    assert(await demo.device("Burr’s laptop").getByRole("switch", { name: which }).isDisabled(), which);
  }
  await visit.isToldOfAWrongKey();
  await visit.showKey(KEY);
  for (const name of ALL) await demo.shows(name, "Open");
  await demo.send("Alexander", { title: "Hello, Alexander Hamilton!" });
  for (const name of ALEXANDERS) await demo.gets(name, "Hello, Alexander Hamilton!");
  assertStringIncludes(await visit.page.locator("#curl").innerText(), '-H "Authorization: Bearer $KEY"');
  assertEquals((await visit.page.content()).includes(KEY), false);

  await demo.open();
});

test("Demo page can be used without a mouse", async () => {
  await using visit = await Visit.begun();
  const demo = new Demo(visit);
  await demo.open();
  const { keyboard } = visit.page;
  await visit.page.getByLabel("Alexander", { exact: true }).focus();
  await keyboard.press("ArrowRight");
  await keyboard.press("Tab");
  await keyboard.press("Control+A");
  await keyboard.type("Good day, Mr. Burr.");
  await keyboard.press("Enter");
  await demo.gets("Burr’s laptop", "Good day, Mr. Burr.");
  await demo.device("Burr’s laptop").getByRole("switch", { name: "Network" }).focus();
  await keyboard.press("Space");
  await demo.shows("Burr’s laptop", "Waiting");
});

for (const look of Object.keys(LOOKS) as Look[]) {
  test(`axe finds nothing against the demo page (${look})`, async () => {
    await using visit = await Visit.begun({}, { look });
    const demo = new Demo(visit);
    await demo.open();
    await demo.send("Alexander", { title: "Hello, Alexander Hamilton!", body: "Your obedient servant" });
    for (const name of ALEXANDERS) await demo.gets(name, "Hello, Alexander Hamilton!");
    await demo.flip("Alexander’s tablet", "Network");
    await demo.send("Everyone", { title: "The vote is at noon", body: "It's in the hall." });
    await demo.gets("Burr’s laptop", "The vote is at noon");
    await demo.flip("Alexander’s tablet", "Network");
    await demo.gets("Alexander’s tablet", "The vote is at noon");
    await demo.flip("Alexander’s desktop", "Stall");
    await visit.isAccessible(`demo-${look}`);
    const { scroll, client } = await visit.page.evaluate<{ scroll: number; client: number }>(
      "({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth })",
    );
    assertEquals(scroll, client, "nothing sticks out to the side");
  });
}

Deno.test("The demo page is off where secrets are set, unless TIDINGS_DEMO turns it on", async () => {
  for (const [environment, status] of [[SECRETS, 404], [{ ...SECRETS, TIDINGS_DEMO: "on" }, 200]] as const) {
    await using service = await Running.started(environment);
    for (const path of ["/", "/pages/demo/demo.js"]) {
      const response = await fetch(service.url + path);
      assertEquals(response.status, status, path);
      if (status === 404) await assertProblem(response, "404 not-found");
      else await response.body?.cancel();
    }
  }
});
