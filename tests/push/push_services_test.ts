/** Tests endpointRule: which endpoints of browsers this node may send to. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { endpointRule, serviceOf } from "../../src/push/push_services.ts";

const isAllowed = endpointRule({ origins: ["https://push.example.com:8443"], allowLoopback: false });
const isAllowedInDevelopment = endpointRule({ origins: [], allowLoopback: true });

for (
  const endpoint of [
    "https://fcm.googleapis.com/fcm/send/dQw4w9WgXcQ:APA91bH",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk",
    "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD%2fx%3d%3d",
    "https://web.push.apple.com/QGiL-d_8",
    "https://push.example.com:8443/dQw4",
  ]
) {
  Deno.test(`endpointRule allows ${endpoint}`, () => {
    assert(isAllowed(endpoint));
    assertEquals(serviceOf(endpoint), endpoint.split("/")[2]);
  });
}

for (
  const endpoint of [
    "http://fcm.googleapis.com/fcm/send/1",
    "ftp://fcm.googleapis.com/fcm/send/1",
    "https://user@fcm.googleapis.com/1",
    "https://user:password@fcm.googleapis.com/1",
    "https://@fcm.googleapis.com/1",
    "https://fcm.googleapis.com@169.254.169.254/1",
    "https://fcm.googleapis.com:8443/1",
    "https://fcm.googleapis.com:443/1",
    "https://fcm.googleapis.com./1",
    "https://FCM.googleapis.com/1",
    "HTTPS://fcm.googleapis.com/1",
    "https://fcm.googleapis.com/1#a",
    "https://fcm.googleapis.com/1#",
    " https://fcm.googleapis.com/1",
    "https://fcm.googleapis.com/\t1",
    "https:fcm.googleapis.com/1",
    "https:\\\\fcm.googleapis.com\\1",
    "https://fcm.googleapis.com",
    "https://fcm.googleapis.com/a/../b",
    "https://fcm。googleapis。com/1",
    "https://ｆcm.googleapis.com/1",
    "https://fсm.googleapis.com/1", // a Cyrillic с
    "https://fcm.googleapis.com.example.com/1",
    "https://xfcm.googleapis.com/1",
    "https://push.services.mozilla.com/1",
    "https://evilpush.services.mozilla.com/1",
    "https://notify.windows.com/1",
    "https://notify.windows.com.example.com/1",
    "https://push.example.com/dQw4",
    "https://push.example.com:8444/dQw4",
    "http://push.example.com:8443/dQw4",
    "https://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://127.1/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "http://127.0.0.1:8000/v1/notify",
    "http://localhost:8000/v1/notify",
    "https://localhost/",
    "https://localhost.notify.windows.com.:8000/",
    "data:text/plain,1",
    "file:///etc/passwd",
    "blob:https://fcm.googleapis.com/1",
    "/1",
    "",
  ]
) {
  Deno.test(`endpointRule refuses ${JSON.stringify(endpoint)}`, () => assert(!isAllowed(endpoint)));
}

Deno.test("endpointRule refuses addresses even as configured origins", () => {
  for (const origin of ["https://10.0.0.1", "https://[fd00::1]", "https://10.0.0.1:8443"]) {
    assert(!endpointRule({ origins: [origin], allowLoopback: true })(`${origin}/1`), origin);
  }
});

Deno.test("endpointRule allows plain HTTP to this machine, on any port, in development mode alone", () => {
  for (
    const endpoint of ["http://127.0.0.1:43210/push/1", "http://localhost:8000/push/1", "http://localhost/"]
  ) {
    assert(isAllowedInDevelopment(endpoint) && !isAllowed(endpoint), endpoint);
  }
});

for (
  const endpoint of [
    "http://127.0.0.2:8000/1",
    "http://127.1:8000/1",
    "http://2130706433:8000/1",
    "http://[::1]:8000/1",
    "http://localhost.:8000/1",
    "http://a.localhost:8000/1",
    "http://localhost.example.com/1",
    "http://user@localhost:8000/1",
    "http://10.0.0.1/1",
    "http://fcm.googleapis.com/1",
    "ws://localhost:8000/1",
    "https://localhost:8000/1",
  ]
) {
  Deno.test(`endpointRule refuses ${endpoint} in development mode too`, () => {
    assert(!isAllowedInDevelopment(endpoint));
  });
}

Deno.test("endpointRule allows no other host, whatever a URL is made of", () => {
  const hosts = [
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "notify.windows.com",
    "web.push.apple.com",
  ];
  const part = fc.constantFrom(
    ...hosts,
    "https://",
    "@",
    ":",
    "/",
    "\\",
    "?",
    "#",
    ".",
    "127.0.0.1",
    "a",
    "%2e",
    "。",
  );
  const texts = fc.oneof(
    fc.webUrl(),
    fc.array(part, { maxLength: 8 }).map((parts) => `https://${parts.join("")}`),
  );
  fc.assert(fc.property(texts, (endpoint) => {
    if (!isAllowed(endpoint)) return;
    const { hostname, port, username } = new URL(endpoint);
    assert(
      hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`)) && !port && !username,
      endpoint,
    );
  }));
});
