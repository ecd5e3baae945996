/** The publisher in a real browser, as a tool of the backend's own staff may use it. */

import { assertEquals } from "@std/assert";
import { bundleClient } from "../../src/client/package/bundle.ts";
import { TestService } from "../end_to_end/test_service.ts";
import { launchBrowser, test } from "./chromium.ts";

const KEY = "a-key-of-the-back-office";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: "a secret of 32 bytes, or of more" };

/** Publishes in a page of this host, and returns what the calls were answered with. */
async function publishIn(page: string, { url, key }: { url: string; key: string }): Promise<string> {
  const browser = await launchBrowser();
  try {
    const opened = await browser.newPage();
    await opened.goto(`${page}/healthz`);
    const module = `data:text/javascript,${encodeURIComponent(await bundleClient("publisher/publisher.ts"))}`;
    return await opened.evaluate<string>(`(async () => {
      const { publisher } = await import(${JSON.stringify(module)});
      const tidings = publisher(${JSON.stringify(url)}, { key: ${JSON.stringify(key)} });
      const calls = [1, 2].map((n) => tidings.notify({ target: "alexander", data: n, id: "id" + n }));
      const text = await Promise.all(calls)
        .then((all) => all.map(({ id }) => id).join(), ({ name, status, final }) => name + " " + status + " " + final);
      await tidings.close();
      return text;
    })()`);
  } finally {
    await browser.close();
  }
}

test("A page of the service's own host publishes with a key, and is told if the key is wrong", async () => {
  await using service = await TestService.start(SECRETS);
  const { url } = service;
  assertEquals(await publishIn(url, { url, key: KEY }), "id1,id2");
  assertEquals(await publishIn(url, { url, key: "wrong" }), "PublishError 401 true");
});

test("A page of an allowed origin publishes with a key, and is told if the key is wrong", async () => {
  await using app = await TestService.start();
  await using service = await TestService.start({ ...SECRETS, TIDINGS_ALLOWED_ORIGINS: app.url });
  assertEquals(await publishIn(app.url, { url: service.url, key: KEY }), "id1,id2");
  assertEquals(await publishIn(app.url, { url: service.url, key: "wrong" }), "PublishError 401 true");
});
