/** The script `/push_worker.js`, which the application's service worker imports: shows pushes, and handles clicks. */

import { openPage } from "./open_page.ts";
import { parsePayload } from "./push_payload.ts";
import { isPushed } from "./pushed_data.ts";
import { renew } from "./renew.ts";
import { showPush } from "./show_push.ts";
import { worker } from "./worker_scope.ts";

worker.addEventListener("push", (event) => {
  const payload = parsePayload(event.data?.text());
  if (payload !== "foreign") event.waitUntil(showPush(payload));
});

worker.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  if (!isPushed(notification)) return;
  notification.close();
  event.waitUntil(openPage(notification.data.tidingsNavigate));
});

worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
