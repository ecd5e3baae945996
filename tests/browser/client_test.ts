/** The SDK in a real browser, on the real service, over a network that fails. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SignJWT } from "jose";
import type { BrowserContext } from "playwright-core";
import { Running } from "../end_to_end/running.ts";
import { launched, test } from "./chromium.ts";
import { Network } from "./network.ts";
import { Visitor, type VisitorOptions } from "./visitor.ts";

const KEY = "publisher-key", SECRET = "a secret of thirty-two bytes, or so";
const SECRETS = { TIDINGS_PUBLISHER_KEYS: KEY, TIDINGS_TOKEN_SECRET: SECRET };
const AUTHORIZATION = { authorization: `Bearer ${KEY}` };
const ALEXANDER = { target: "alexander" };

/** A browser, a network, and a service that can be started anew. */
class Stage implements AsyncDisposable {
  readonly network = new Network(() => this.service.port);
  readonly context: BrowserContext;
  service: Running;

  private constructor(service: Running, context: BrowserContext) {
    this.service = service;
    this.context = context;
  }

  static async set(environment: Record<string, string> = {}): Promise<Stage> {
    const browser = await launched();
    return new Stage(await Running.started(environment), await browser.newContext());
  }

  visitor(options: VisitorOptions = ALEXANDER): Promise<Visitor> {
    return Visitor.at(this.network.url, this.context, options);
  }

  /** Posts so many, and gives back what they say. */
  async post(count: number, headers: Record<string, string> = {}): Promise<string[]> {
    const all = Array.from({ length: count }, () => `${this.#next++}`);
    for (const data of all) await this.service.notify({ ...ALEXANDER, data }, headers);
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.browser()?.close();
    await this.network[Symbol.asyncDispose]();
    await this.service.stop();
  }

  #next = 0;
}

for (const transport of ["websocket", "sse"]) {
  test(`A browser over ${transport} whose network was cut gets the 100 notifications sent meanwhile, each once`, async () => {
    await using stage = await Stage.set();
    stage.network.hasWebSockets = transport === "websocket";
    const visitor = await stage.visitor();
    await visitor.has(`open ${transport}`);
    const before = await stage.post(3);
    await visitor.has("got 2");
    await stage.context.setOffline(true);
    stage.network.cut();
    await visitor.has("waiting");
    await stage.service.holds(0);
    const meanwhile = await stage.post(100);
    stage.network.restore();
    await stage.context.setOffline(false);
    await visitor.has("got 102");
    const after = await stage.post(1);
    await visitor.has("got 103");
    visitor.assertGot([...before, ...meanwhile, ...after]);
  });
}

test("A browser comes back to a server that was restarted, and misses nothing", async () => {
  const folder = await Deno.makeTempDir();
  const environment = { TIDINGS_JOURNAL: `sqlite:${folder}/j.db?synchronous=normal` };
  await using stage = await Stage.set(environment);
  const visitor = await stage.visitor();
  await visitor.has("open websocket");
  const before = await stage.post(2);
  await visitor.has("got 1");
  await stage.service.stop();
  await visitor.has("waiting");
  stage.service = await Running.started(environment);
  const meanwhile = await stage.post(2);
  await visitor.has("got 3");
  visitor.assertGot([...before, ...meanwhile]);
  await stage.service.stop();
  await Deno.remove(folder, { recursive: true });
});

test("A browser that comes back to a server without memory is told that something may be missed", async () => {
  await using stage = await Stage.set();
  const visitor = await stage.visitor();
  await visitor.has("open websocket");
  await stage.service.stop();
  stage.service = await Running.started();
  await stage.post(1);
  await visitor.has("missed expired");
  await visitor.has("got 0");
});

for (const transport of ["websocket", "sse"]) {
  test(`A browser over ${transport} asks for a fresh token when its token has expired, and goes on`, async () => {
    await using stage = await Stage.set(SECRETS);
    stage.network.hasWebSockets = transport === "websocket";
    let seconds = 0.1, asked = 0;
    const visitor: Visitor = await stage.visitor({
      async token() {
        const isOpen = asked++ > 0 && visitor.happened.some((one) => one.startsWith("open"));
        const now = Date.now() / 1000;
        const exp = now + (isOpen ? 60 : seconds *= 2); // a busy machine may be too late for a short one
        return await new SignJWT({ sub: "alexander", iat: now, exp }).setProtectedHeader({ alg: "HS256" })
          .sign(new TextEncoder().encode(SECRET));
      },
    });
    await visitor.has(`open ${transport}`);
    await visitor.has("waiting");
    const meanwhile = await stage.post(3, AUTHORIZATION);
    await visitor.has("got 2");
    visitor.assertGot(meanwhile);
    assertEquals(await visitor.page.evaluate("tidings.status.transport"), transport);
  });
}

test("A browser is told why it was refused, and stays away", async () => {
  await using stage = await Stage.set();
  const visitor = await stage.visitor({ target: ".." });
  await visitor.has("error final");
  assertEquals(visitor.happened, ["closed", "error final"]);
});

test("A page of another origin gets the SDK and its notifications, if it is allowed, and sees how long it has to wait", async () => {
  await using stage = await Stage.set();
  const { url } = stage.network;
  await using allowing = await Running.started({
    TIDINGS_ALLOWED_ORIGINS: url,
    TIDINGS_MAX_CONNECTIONS_PER_TARGET: "1",
  });
  const visitor = await stage.visitor({ ...ALEXANDER, service: allowing.url });
  await visitor.has("open websocket");
  await allowing.notify({ ...ALEXANDER, data: 1 });
  await visitor.has("got 1");
  visitor.assertGot([1]);
  const other = await stage.visitor({ ...ALEXANDER, service: allowing.url });
  await other.has("waiting");
  const { reason, retryInMs } = await other.page.evaluate<{ reason: string; retryInMs: number }>(
    "tidings.status",
  );
  assertMatch(reason, /^429 /);
  assert(retryInMs >= 5_000, `${retryInMs}`);
});

test("A browser that the backend disconnects stays away", async () => {
  await using stage = await Stage.set();
  const visitor = await stage.visitor();
  await visitor.has("open websocket");
  await fetch(`${stage.service.url}/v1/targets/alexander/connections`, { method: "DELETE" })
    .then((response) => response.body?.cancel());
  await visitor.has("error final");
  assertEquals(visitor.errors, []);
});

test("A browser whose token is a cookie gets its notifications over either transport", async () => {
  for (const transport of ["websocket", "sse"]) {
    await using stage = await Stage.set(SECRETS);
    stage.network.hasWebSockets = transport === "websocket";
    const value = await new SignJWT({ sub: "alexander" }).setProtectedHeader({ alg: "HS256" })
      .setIssuedAt().setExpirationTime("1h").sign(new TextEncoder().encode(SECRET));
    await stage.context.addCookies([{
      name: "tidings_token",
      value,
      url: stage.network.url,
      httpOnly: true,
    }]);
    const visitor = await stage.visitor({});
    await visitor.has(`open ${transport}`);
    const all = await stage.post(1, AUTHORIZATION);
    await visitor.has("got 0");
    visitor.assertGot(all);
  }
});

test("A browser shows a notification itself while its page is hidden, and not while it is seen", async () => {
  await using stage = await Stage.set();
  await stage.context.grantPermissions(["notifications"]);
  await stage.context.addInitScript(`
    globalThis.shown = [];
    const Native = globalThis.Notification;
    globalThis.Notification = class extends Native {
      constructor(title, options) {
        super(title, options);
        shown.push({ title, body: options.body, tag: options.tag });
      }
      static get permission() { return "granted"; }
    };
    let hidden = false;
    Object.defineProperty(document, "hidden", { get: () => hidden, set: (value) => hidden = value });
  `);
  const visitor = await stage.visitor({ ...ALEXANDER, showNotification: true });
  await visitor.has("open websocket");
  const notify = (id: string) =>
    stage.service.notify({ ...ALEXANDER, id, data: { title: "Hello", body: id } });
  await notify("seen");
  await visitor.has("got [object Object]");
  await visitor.page.evaluate("document.hidden = true");
  await notify("hidden");
  await visitor.has("got [object Object]", 2);
  assertEquals(await visitor.page.evaluate("shown.map(Object.values)"), [["Hello", "hidden", "hidden"]]);
  assertEquals(visitor.errors, []);
});

test("A browser asks its user only when the page does", async () => {
  await using stage = await Stage.set();
  await stage.context.grantPermissions(["notifications"]);
  const visitor = await stage.visitor({ ...ALEXANDER, showNotification: true });
  await visitor.has("open websocket");
  assertEquals(
    ["granted", "denied", "default"].includes(String(await visitor.page.evaluate("tidings.askToShow()"))),
    true,
  );
});

test("A worker uses the SDK as a page does", async () => {
  await using stage = await Stage.set();
  const visitor = await stage.visitor();
  await visitor.has("open websocket");
  await visitor.page.evaluate(`{
    const text = 'import { connect } from "' + location.origin + '/client.js";' +
      'const tidings = connect("' + location.origin + '", { target: "alexander" });' +
      'tidings.addEventListener("state", ({ detail }) => postMessage("worker " + detail.state));' +
      'for await (const { data } of tidings.notifications()) postMessage("worker " + data);';
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    new Worker(url, { type: "module" }).onmessage = ({ data }) => happens(data);
  }`);
  await visitor.has("worker open");
  await stage.post(1);
  await visitor.has("worker 0");
  assertEquals(visitor.errors, []);
});
