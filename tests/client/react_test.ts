/** useNotifications on a server; tests/browser/ has the tests in a browser. */

import { assertEquals } from "@std/assert";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { useNotifications } from "../../src/client/react.ts";

Deno.test("useNotifications does not connect while a page is rendered on a server", () => {
  function Bell(): string {
    const { notifications, status, tidings, missed, error } = useNotifications("https://push.example.com");
    return JSON.stringify([notifications.length, status.state, tidings, missed, error]);
  }
  assertEquals(renderToString(createElement(Bell)), "[0,&quot;connecting&quot;,null,0,null]");
});
