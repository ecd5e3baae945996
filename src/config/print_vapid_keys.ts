/** `deno task vapid`: prints a new pair of keys for Web Push, and the two variables that configure it. */

import { generateVapidKeys } from "./vapid.ts";

const { privateKey, publicKey } = generateVapidKeys();

console.log(`# Keep the private key: browsers that subscribed with another one have to subscribe again.
# The public key, which GET /v1/push/key gives to browsers, is
#   ${publicKey}
TIDINGS_VAPID_PRIVATE_KEY=${privateKey}
# Replace this with an address at which push services can reach you:
TIDINGS_VAPID_SUBJECT=mailto:you@example.com`);
