/** The routes for operators: with a port of their own, they are there, and not where everybody connects. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Hono } from "hono";
import { assertProblem } from "../assert_problem.ts";
import { createTestApp, keyOf, PUBLISHER_KEY } from "../test_app.ts";

const ADMIN = { admin: { host: "127.0.0.1", port: 0 } };

function createBoth(): { app: Hono; admin: Hono } {
  const { app, admin } = createTestApp({
    config: ADMIN,
    readMetrics: unread,
  });
  assert(admin !== null);
  return { app, admin };
}

function unread(): Promise<never> {
  return Promise.reject(new Error("this test should not read metrics"));
}

/** Paths that answer GET, without those for preflights. */
function pathsOf(app: Hono): string[] {
  return app.routes.filter(({ method }) => method === "GET").map(({ path }) => path);
}

Deno.test("createApp has no second app unless operators have a port of their own", () => {
  const { app, admin } = createTestApp();
  assertEquals(admin, null);
  for (const path of ["/metrics", "/console", "/console/events"]) assert(pathsOf(app).includes(path), path);
});

Deno.test("createApp moves what is for operators to their port, and nothing else", async () => {
  const { app, admin } = createBoth();
  const moved = pathsOf(createTestApp().app).filter((path) => !pathsOf(app).includes(path));
  const [others, ofConsole] = [false, true].map((isOfConsole) =>
    moved.filter((path) => /^\/pages\/(console\/|uplot)/.test(path) === isOfConsole)
  );
  assertEquals(others, ["/metrics", "/console/events", "/console"]);
  assert(ofConsole !== undefined && ofConsole.length > 10);
  for (const path of moved) {
    assert(pathsOf(admin).includes(path), path);
    const headers = { authorization: `Bearer ${PUBLISHER_KEY}` };
    for (const method of ["GET", "POST"]) {
      await assertProblem(await app.request(path, { method, headers }), "404 not-found");
    }
  }
});

Deno.test("createApp gives the port for operators what the console calls, and nothing of browsers", async () => {
  const { app, admin } = createBoth();
  const page = await (await admin.request("/console")).text();
  for (const [, path] of page.matchAll(/(?:href|src)="([^":]+)"/g)) {
    assertEquals((await admin.request(`/${path}`)).status, 200, path);
  }
  for (
    const path of [
      "/v1/key",
      "/v1/targets/:target",
      "/v1/targets/:target/notifications",
      "/v1/notifications/:id",
    ]
  ) {
    assert(pathsOf(admin).includes(path), path);
  }
  for (const path of ["/healthz", "/readyz"]) {
    for (const one of [app, admin]) assertEquals((await one.request(path)).status, 200);
  }
  for (const path of ["/v1/connect", "/v1/events", "/v1/inbox", "/client.js", "/"]) {
    assert(pathsOf(app).includes(path), path);
    await assertProblem(await admin.request(path), "404 not-found");
  }
});

Deno.test("createApp requires the same keys on the port for operators", async () => {
  const publisherKeys = [keyOf("reader", "read-key", ["read"]), keyOf("writer", "write-key", ["publish"])];
  const { admin } = createTestApp({ config: { ...ADMIN, publisherKeys }, readMetrics: unread });
  for (const path of ["/metrics", "/console/events"]) {
    const answer = async (key?: string) =>
      await admin?.request(path, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });
    await assertProblem(await answer() ?? new Response(), "401 not-authorized");
    await assertProblem(await answer("write-key") ?? new Response(), "403 missing-scope");
    if (path === "/metrics") await assertProblem(await answer("read-key") ?? new Response(), "500 broken"); // let in
  }
});

Deno.test("createApp removes the links to a console that is elsewhere", async () => {
  const { app, admin } = createBoth();
  for (const path of ["/docs", "/"]) {
    assertStringIncludes(await (await createTestApp().app.request(path)).text(), '<a href="console">');
    assert(!(await (await app.request(path)).text()).includes('href="console"'), path);
  }
  assertStringIncludes(await (await admin.request("/console")).text(), 'href="docs"');
});
