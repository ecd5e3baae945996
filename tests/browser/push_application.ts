/** An application with a service worker that imports `/push_worker.js`, for tests in a real browser. */

/**
 * The service worker says what happens to it: pushes by their text, and how many events are under way. A click and a
 * lost subscription are what a headless browser has none of, so a test calls the listeners of the script itself, and
 * what only a real click permits is recorded. `hidden` has the URLs of windows that pass for hidden: all windows of a
 * headless browser are visible.
 */
function serviceWorker(serviceUrl: string): string {
  return `
    Object.assign(self, { pushes: [], pending: 0, errors: [], opened: [], listeners: {}, hidden: [], refuses: [] });
    const { waitUntil } = ExtendableEvent.prototype;
    ExtendableEvent.prototype.waitUntil = function (work) {
      pending++;
      waitUntil.call(this, work);
      work.catch((error) => errors.push(String(error))).finally(() => pending--);
    };
    const { addEventListener: add } = self;
    self.addEventListener = (type, listener) => {
      listeners[type] = listener;
      add.call(self, type, listener);
    };
    const visibility = Object.getOwnPropertyDescriptor(Client.prototype, "visibilityState") ??
      Object.getOwnPropertyDescriptor(WindowClient.prototype, "visibilityState");
    Object.defineProperty(WindowClient.prototype, "visibilityState", {
      get() {
        return hidden.includes(new URL(this.url).pathname) ? "hidden" : visibility.get.call(this);
      },
    });
    WindowClient.prototype.focus = async function () {
      opened.push("focus " + new URL(this.url).pathname);
      return this;
    };
    clients.openWindow = async (url) => void opened.push("open " + url);
    self.tidingsPush = { icon: "/icon.png", title: "Something new", body: "Open the app" };
    importScripts(${JSON.stringify(`${serviceUrl}/push_worker.js`)});
    self.addEventListener = add;
    addEventListener("install", () => skipWaiting());
    addEventListener("push", ({ data }) => pushes.push(data?.text()));
    self.call = async (type, event) => {
      const works = [];
      listeners[type]({ ...event, waitUntil: (work) => works.push(work) });
      await Promise.all(works);
    };
  `;
}

/** Serves a page at every path but that of the worker, and answers renewals in place of the service. */
export function serveApplication(
  serviceUrl: string,
  renew: (body: unknown) => Response,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/push/subscriptions/renew") return renew(await request.json());
    const [type, text] = pathname === "/service_worker.js"
      ? ["text/javascript", serviceWorker(serviceUrl)]
      : ["text/html", "<!doctype html><title>Application</title>"];
    return new Response(text, { headers: { "content-type": type } });
  });
}
