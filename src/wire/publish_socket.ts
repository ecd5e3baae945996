/** What a publisher's WebSocket and the server agree on: subprotocols, limits, and the first message. */

export const PUBLISH_SUBPROTOCOL = "tidings.publish.v1";

/** Followed by the publisher key, as UTF-8 in base64url without padding: a subprotocol is a token of HTTP. */
export const KEY_SUBPROTOCOL = "tidings.key.";

/** How much of what a publisher has sent over one socket may be unanswered. */
export const MAX_UNANSWERED = { notifications: 1_000, bytes: 1024 * 1024 } as const;

/** The first message of the server, alone in its frame. */
export const PUBLISH_WELCOME = { type: "welcome", limits: MAX_UNANSWERED } as const;
