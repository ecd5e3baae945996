/** The registration of the application's service worker. */

import type { PushOptions } from "./push.ts";

type ServiceWorkerOption = PushOptions["serviceWorker"];

/** Registers the worker, unless the application has. Resolves when the worker can be subscribed with. */
export async function activeRegistration(option: ServiceWorkerOption): Promise<ServiceWorkerRegistration> {
  const registration = isScript(option) ? await navigator.serviceWorker.register(option) : option;
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  // `serviceWorker.ready` does not do: it waits for a worker of this page, which may be outside of the scope.
  if (!registration.active && worker) await activation(worker);
  return registration;
}

/** Registers nothing. */
export async function findRegistration(
  option: ServiceWorkerOption,
): Promise<ServiceWorkerRegistration | undefined> {
  return isScript(option) ? await navigator.serviceWorker?.getRegistration(option) : option;
}

function isScript(option: ServiceWorkerOption): option is string | URL {
  return typeof option === "string" || "href" in option;
}

function activation(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (/^activat/.test(worker.state)) resolve();
      if (worker.state === "redundant") reject(new Error("the service worker could not be installed"));
    };
    worker.addEventListener("statechange", check);
    check();
  });
}
