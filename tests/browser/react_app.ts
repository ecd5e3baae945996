/** A React application for a browser: a bell that shows notifications, and buttons that change or remove it. */

// @ts-types="./react_types.d.ts"
import { createElement, StrictMode, useState } from "react";
// @ts-types="./react_types.d.ts"
import { createRoot } from "react-dom/client";
import { useInbox, useNotifications } from "../../src/client/react.ts";

function Bell({ target }: { target: string }): unknown {
  const { notifications, status, tidings, missed, error } = useNotifications("/", { target, max: 3 });
  const data = notifications.map(({ data }) => data).join();
  const rest = [status.state, tidings === null ? "none" : "there", missed, error?.status ?? "well"].join();
  const text = `${target}: ${data} (${rest})`;
  console.info(text); // the test reads every text that was ever shown
  return createElement("output", null, text);
}

function InboxOf({ target }: { target: string }): unknown {
  const { tidings } = useNotifications("/", { target, max: 0 });
  const { items, unread, state, inbox } = useInbox<unknown>(tidings);
  const data = items.map(({ data, read }) => read ? `(${data})` : `${data}`).join();
  return createElement(
    "section",
    null,
    createElement("output", null, `inbox of ${target}: ${data} (${unread}, ${state})`),
    createElement("button", { onClick: () => inbox?.readAll() }, "Read all"),
  );
}

function App(): unknown {
  const [target, setTarget] = useState<string | null>("alexander");
  return createElement(
    "main",
    null,
    target === null ? "no bell" : createElement(Bell, { target }),
    target === "hamilton" && createElement(InboxOf, { target }),
    createElement("button", { onClick: () => setTarget("hamilton") }, "Hamilton"),
    createElement("button", { onClick: () => setTarget("burr") }, "Burr"),
    createElement("button", { onClick: () => setTarget("..") }, "Nobody"),
    createElement("button", { onClick: () => setTarget(null) }, "Away"),
  );
}

createRoot(document.body).render(createElement(StrictMode, null, createElement(App)));
