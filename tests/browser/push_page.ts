/** Pages that use `/push.js`, for tests in a real browser. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { PushService } from "../push/push_service.ts";
import { PushBed } from "./push_bed.ts";
import { subscribeAt } from "./push_delivery.ts";

/** Counts how often the user is asked, and answers as a test wants. */
const PERMISSION = `
  const ask = Notification.requestPermission;
  globalThis.asked = 0;
  Notification.requestPermission = () => (asked++, globalThis.permissionAnswer ?? ask.call(Notification));
`;

export class PushPages implements AsyncDisposable {
  readonly bed: PushBed;
  readonly pushService = new PushService();
  /** `GET key`, `POST subscriptions alexander`, `DELETE subscriptions alexander`, … in their order. */
  readonly requests: string[] = [];

  private constructor(bed: PushBed) {
    this.bed = bed;
  }

  static async create(): Promise<PushPages> {
    const pages = new PushPages(await PushBed.create()), { context, service } = pages.bed;
    await context.addInitScript(PERMISSION);
    await subscribeAt(pages.pushService, context);
    context.on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      const [, name] = /^\/v1\/push\/(\w+)/.exec(pathname) ?? [];
      if (name === undefined || !request.url().startsWith(service.url)) return;
      const target = name === "key" ? "" : ` ${searchParams.get("target")}`;
      pages.requests.push(`${request.method()} ${name}${target}`);
    });
    return pages;
  }

  /** Opens a page that is connected for a target, with the functions of `/push.js` in `push`. */
  async open(target = "alexander"): Promise<Page> {
    const { url } = this.bed.service, page = await this.bed.open();
    await page.evaluate(`(async () => {
      const [{ connect }, push] = await Promise.all([import("${url}/client.js"), import("${url}/push.js")]);
      globalThis.received = [];
      globalThis.tidings = connect("${url}", { target: "${target}" });
      tidings.addEventListener("notification", ({ detail }) => received.push(detail.id));
      const bound = (name) => (options) => push[name](tidings, { serviceWorker: "/service_worker.js", ...options });
      globalThis.push = {
        enablePush: bound("enablePush"),
        resumePush: bound("resumePush"),
        disablePush: bound("disablePush"),
        pushState: () => push.pushState({ serviceWorker: "/service_worker.js" }),
      };
      await new Promise((resolve) => {
        tidings.addEventListener("state", ({ detail }) => detail.state === "open" && resolve());
      });
    })()`);
    return page;
  }

  /** Opens a page and enables push, as the other tests begin. */
  async openEnabled(): Promise<Page> {
    const page = await this.open();
    assertEquals(await page.evaluate("push.enablePush()"), "on");
    this.requests.length = 0;
    return page;
  }

  /** The number of subscriptions that the service has for Alexander and for Burr. */
  async subscriptions(): Promise<readonly number[]> {
    return await Promise.all(["alexander", "burr"].map(async (target) => {
      const response = await fetch(`${this.bed.service.url}/v1/targets/${target}/push`);
      return (await response.json()).subscriptions;
    }));
  }

  /** From now on, the service refuses everything about push; null: no longer. */
  async refuse(problem: { readonly status: number } | null): Promise<void> {
    const { context, service, url } = this.bed, routes = `${service.url}/v1/push/**`;
    await context.unroute(routes);
    if (problem === null) return;
    const headers = { "access-control-allow-origin": url, "access-control-allow-credentials": "true" };
    const { status } = problem, body = JSON.stringify(problem);
    await context.route(routes, (route) => route.fulfill({ status, headers, body }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bed[Symbol.asyncDispose]();
    await this.pushService[Symbol.asyncDispose]();
  }
}
