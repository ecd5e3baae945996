/** The bell in a real browser, on the real service, in pages whose policy allows nothing that it does not need. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BellBed, BellPage } from "./bell_page.ts";
import { test } from "./chromium.ts";

test("The bell shows what was kept and what arrives, the newest first, and announces only the latter", async () => {
  await using bed = await BellBed.create();
  await bed.post(2);
  const page = await BellPage.open(bed);
  await page.waitForUnread(2);
  const live = page.page.locator("tidings-inbox [aria-live=polite]");
  assertEquals(await live.textContent(), "");
  await page.openPanel(2);
  await bed.post(1);
  await page.waitForItems(3);
  await page.waitForUnread(3);
  assertEquals(await page.panel.locator("[part=title]").allInnerTexts(), ["News 3", "News 2", "News 1"]);
  assertEquals(await live.textContent(), "New notification: News 3");
  const time = page.items.first().locator("time");
  assertMatch(await time.innerText(), /^now$|ago$/);
  assert(Date.now() - Date.parse(await time.getAttribute("datetime") ?? "") < 600_000);
  assertEquals(page.errors, []);
});

test("What one browser of a user reads is read in the other, and in none of another user", async () => {
  await using bed = await BellBed.create();
  const [laptop, tablet] = [await BellPage.open(bed), await BellPage.open(bed)];
  const burr = await BellPage.open(bed, {
    html: '<tidings-inbox url="SERVICE" target="burr"></tidings-inbox>',
  });
  await bed.post(3);
  await bed.post(1, "burr");
  for (const page of [laptop, tablet]) await page.waitForUnread(3);
  await laptop.openPanel(3);
  await laptop.items.nth(1).getByRole("button", { name: /^Unread News 2/ }).click();
  for (const page of [laptop, tablet]) await page.waitForUnread(2);
  await laptop.panel.getByRole("button", { name: "Mark all as read" }).click();
  for (const page of [laptop, tablet]) await page.waitForUnread(0);
  await laptop.panel.getByRole("button", { name: "Mark as unread: News 1" }).click();
  for (const page of [laptop, tablet]) await page.waitForUnread(1);
  await burr.waitForUnread(1);
  await burr.openPanel(1);
  assertEquals(await burr.panel.locator("[part=title]").allInnerTexts(), ["News 4"]);
});

test("The bell works without a mouse, and the focus returns to it", async () => {
  await using bed = await BellBed.create();
  await bed.post(3);
  const page = await BellPage.open(bed);
  const { keyboard } = page.page;
  await page.waitForUnread(3);
  await keyboard.press("Tab");
  assertEquals(await page.focusedName(), "button: Notifications, 3 unread");
  for (const key of ["Enter", "Space", "ArrowDown"]) {
    await keyboard.press(key);
    await page.waitForItems(3);
    assertEquals(await page.focusedName(), "dialog: Notifications", key);
    assertEquals(await page.bell.getAttribute("aria-expanded"), "true");
    await keyboard.press("Escape");
    assertEquals(await page.focusedName(), "button: Notifications, 3 unread", key);
    assertEquals(await page.bell.getAttribute("aria-expanded"), "false");
  }
  await keyboard.press("Enter");
  for (
    const [key, title] of [["ArrowDown", 3], ["ArrowDown", 2], ["End", 1], ["ArrowDown", 1], ["Home", 3]]
  ) {
    await keyboard.press(`${key}`);
    assertMatch(await page.focusedName(), new RegExp(`^button: Unread News ${title} A body`));
  }
  await keyboard.press("Enter");
  await page.waitForUnread(2);
  assertMatch(await page.focusedName(), /^button: News 3 A body/, "the focus stays, and it is read");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await page.waitForUnread(3);
  assertEquals(await page.focusedName(), "button: Mark as read: News 3");
  for (let n = 0; n < 5; n++) await keyboard.press("Tab"); // beyond the last
  await page.panel.waitFor({ state: "hidden" });
});

test("Nothing of data becomes HTML, a script or a link to one, whatever it is", async () => {
  await using bed = await BellBed.create();
  const html = "<img src=x onerror=\"document.title='taken over'\">";
  for (
    const data of [
      { title: html, body: html, url: "javascript:document.title='taken over'" },
      { title: "data", url: "data:text/html,<script>1</script>" },
      { title: "relative", url: "inbox/7?a=b" },
      { title: "absolute", url: "https://example.com/x" },
      { title: 7, body: ["x"], n: 1 },
      "Only text",
      null,
      { title: "  " },
    ]
  ) await bed.service.notify({ target: "alexander", data });
  const body = `{"target":"alexander","data":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const posted = await fetch(`${bed.service.url}/v1/notify`, { method: "POST", body });
  assertEquals(posted.status, 202, await posted.text());
  const page = await BellPage.open(bed);
  await page.openPanel(9);
  const titles = await page.panel.locator("[part=title]").allTextContents();
  assertEquals(titles.slice(1), [
    ...['{"title":"  "}', "Notification", "Only text", '{"title":7,"body":["x"],"n":1}'],
    ...["absolute", "relative", "data", html],
  ]);
  assertMatch(titles[0] ?? "", /^\[\[\[|^Notification$/);
  assertEquals(await page.panel.locator("[part=body]").allInnerTexts(), [html]);
  assertEquals(await page.panel.locator("img, script").count(), 0);
  const links = await page.panel.getByRole("link").evaluateAll((all) => all.map((one) => `${one}`));
  assertEquals(links, ["https://example.com/x", new URL("/inbox/7?a=b", page.page.url()).href]);
  assertEquals([await page.page.title(), page.errors], ["App", []]);
});

test("A page opens a notification itself, or lets the browser follow the link; both mark it as read", async () => {
  await using bed = await BellBed.create();
  for (const url of ["/one", "/two"]) {
    await bed.service.notify({ target: "alexander", data: { title: url, url } });
  }
  const page = await BellPage.open(bed), other = await BellPage.open(bed);
  await page.page.evaluate(`document.addEventListener("tidings-open", (event) => {
    if (event.detail.data.url !== "/two") return;
    event.preventDefault();
    document.title = event.detail.data.title;
  })`);
  await page.openPanel(2);
  await page.panel.getByRole("link", { name: /two/ }).click();
  await page.panel.waitFor({ state: "hidden" });
  assertEquals([await page.page.title(), new URL(page.page.url()).pathname], ["/two", "/app"]);
  await other.waitForUnread(1);
  await page.openPanel(2);
  await page.panel.getByRole("link", { name: /one/ }).click();
  await page.page.waitForURL("**/one");
  await other.waitForUnread(0);
});

test("The bell loads older notifications, and its badge ends at 99+", async () => {
  await using bed = await BellBed.create();
  await bed.post(120);
  const page = await BellPage.open(bed);
  await page.waitForUnread(120, "99+");
  await page.openPanel(50);
  const more = page.panel.getByRole("button", { name: "Show older" });
  await more.click();
  await page.waitForItems(100);
  await more.click();
  await page.waitForItems(120);
  await more.waitFor({ state: "hidden" });
  assertEquals(await page.focusedName(), "dialog: Notifications", "the focus is not lost with the button");
  assertEquals(await page.panel.locator("[part=title]").last().innerText(), "News 1");
});

test("The bell says that there is nothing, that the service is gone, and that the user has signed out", async () => {
  await using bed = await BellBed.create();
  const page = await BellPage.open(bed);
  await page.openPanel(0);
  await page.panel.getByText("Nothing here yet.").waitFor();
  await bed.service.stop();
  await page.panel.getByText("Offline. Trying to reconnect…").waitFor();
});

test("The bell asks a URL of the page for a token, and says so when the user has signed out", async () => {
  await using bed = await BellBed.create({
    TIDINGS_PUBLISHER_KEYS: "a-key",
    TIDINGS_TOKEN_SECRET: "s".repeat(32),
  });
  const headers = { authorization: "Bearer a-key" };
  await bed.service.notify({ target: "alexander", data: "kept" }, headers);
  const html = '<tidings-inbox url="SERVICE" token-url="/push-token"></tidings-inbox>';
  for (const isJson of [true, false]) {
    bed.answerToken = async () => {
      const body = JSON.stringify({ target: "alexander" });
      const answer = await fetch(`${bed.service.url}/v1/tokens`, { method: "POST", headers, body });
      const json = await answer.text();
      return new Response(isJson ? json : JSON.parse(json).token);
    };
    const page = await BellPage.open(bed, { html });
    await page.waitForUnread(1);
    bed.answerToken = () => Promise.resolve(new Response(null, { status: 401 }));
    await page.page.reload();
    await page.bell.click();
    await page.panel.getByText("You are signed out.").waitFor();
  }
});

test("The bell takes properties that were set before it was defined, and other texts", async () => {
  await using bed = await BellBed.create();
  await bed.post(1);
  const texts = JSON.stringify({ title: "Nachrichten", titleUnread: "Nachrichten, {count} ungelesen" });
  const html =
    `<div lang="de" dir="rtl"><tidings-inbox url="SERVICE" target="alexander" texts='${texts}'></tidings-inbox></div>`;
  const page = await BellPage.open(bed, { html });
  await page.page.getByRole("button", { name: "Nachrichten, 1 ungelesen", exact: true }).click();
  const item = page.page.getByRole("dialog", { name: "Nachrichten" }).getByRole("listitem");
  assertMatch(await item.locator("time").innerText(), /^jetzt$|^vor /);
  const early = await BellPage.open(bed, { html: "<p></p>" });
  await early.page.evaluate(`customElements.whenDefined("tidings-inbox").then(() => {
    const bell = document.createElement("tidings-late");
    bell.texts = { titleUnread: "Early, {count}" };
    document.body.append(bell);
    customElements.define("tidings-late", class extends customElements.get("tidings-inbox") {});
    bell.setAttribute("target", "alexander");
    bell.setAttribute("url", "${bed.service.url}");
  })`);
  await early.page.getByRole("button", { name: "Early, 1" }).waitFor();
});

test("The panel stays inside a window of 360 px, on both sides and from right to left", async () => {
  await using bed = await BellBed.create();
  await bed.service.notify({
    target: "alexander",
    data: { title: "x".repeat(300), body: "Long. ".repeat(60) },
  });
  const element = '<tidings-inbox url="SERVICE" target="alexander"></tidings-inbox>';
  for (const dir of ["ltr", "rtl"]) {
    for (const side of ["left", "right"]) {
      const html = `<div dir="${dir}" align="${side}">${element}</div>`;
      const page = await BellPage.open(bed, { html, browser: { viewport: { width: 360, height: 640 } } });
      await page.openPanel(1);
      const box = await page.panel.boundingBox();
      assert(
        box !== null && box.x >= 0 && box.x + box.width <= 360,
        `${dir} ${side}: ${JSON.stringify(box)}`,
      );
      assert(box.y + box.height <= 640, `${dir} ${side}`);
      assertEquals(await page.page.evaluate<number>("document.documentElement.scrollWidth"), 360);
      await page.page.context().close();
    }
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`The bell is readable in ${colorScheme} mode, as the page's custom properties and scheme say`, async () => {
    await using bed = await BellBed.create();
    await bed.post(2);
    const page = await BellPage.open(bed, { browser: { colorScheme } });
    await page.openPanel(2);
    assertEquals(await isDark(page), colorScheme === "dark");
    await page.page.evaluate(`(() => {
      const { style } = document.querySelector("tidings-inbox");
      style.colorScheme = "${colorScheme === "dark" ? "light" : "dark"}";
      style.setProperty("--text", "rgb(1, 2, 3)"); // the page's own name is none of the bell's
      style.setProperty("--tidings-text", "var(--text)");
    })()`);
    assertEquals(await page.style("color"), "rgb(1, 2, 3)");
    assertEquals(
      luminance(await page.style("backgroundColor")) < 0.5,
      colorScheme === "light",
      "the page chooses",
    );
  });
}

async function isDark(page: BellPage): Promise<boolean> {
  return luminance(await page.style("backgroundColor")) < luminance(await page.style("color"));
}

/** From 0 to 1, near enough to tell light from dark. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [...colour.matchAll(/\d+/g)].map(([value]) => Number(value));
  return (red + green + blue) / 765;
}
