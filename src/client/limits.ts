/** The limits and intervals of the SDK. The bundler puts constants where they are used only if they have a module. */

/** The first limit of the back-off. */
export const FIRST_BACKOFF_MS = 500;
export const MAX_BACKOFF_MS = 20_000;
/** The longest `Retry-After`: a timer takes at most 24 days, and fires at once when it is given more. */
export const MAX_RETRY_AFTER_MS = 3_600_000;
/** A connection that lasted this long resets the back-off. */
export const STABLE_MS = 5_000;
/** The wait when the browser is offline, which it may be wrong about. */
export const OFFLINE_MS = 20_000;
/** The first reconnection after this time tries a WebSocket again. */
export const BLOCKED_MS = 600_000;
/** Failures in a row before the page receives an error that says what to check. A restart is too short to count. */
export const EXPLAIN_AFTER = 2;

/** A transport without a welcome for this long counts as blocked. */
export const WELCOME_MS = 10_000;
/** How long the page's function may take to get a token. */
export const TOKEN_MS = 15_000;

/** The silence after which a WebSocket is asked for a pong, and up to so much more. */
export const QUIET_MS = 20_000;
export const QUIET_JITTER_MS = 5_000;
/** The silence after which an event stream is. The server writes to it every 15 seconds. */
export const QUIET_STREAM_MS = 40_000;
/** The wait for the answer, twice: what arrived while the page was frozen or busy comes between two timers. */
export const ANSWER_MS = 3_000;

/** One frame of acks and one of messages each time: eight a second, of the ten that the server accepts. */
export const SEND_MS = 250;
/** The wait after a frame of which nobody knows what became of it, and longer after each further one. */
export const RESEND_MS = 1_000;
/** Messages whose fate stayed unknown this often in a row are given up: they may be what ends the connections. */
export const MAX_RESENDS = 10;
/** Acks that wait, also for the next connection. The oldest are dropped: a push may follow for nothing then. */
export const MAX_ACKS = 10_000;
/** Messages that wait. */
export const MAX_MESSAGES = 100;
/** Frames with acks over a WebSocket before one asks for a pong. */
export const MAX_UNCONFIRMED = 20;

/** The server accepts 64 KiB, and refuses the whole frame beyond. The rest is room for the JSON around the messages. */
export const MAX_FRAME_BYTES = 60_000;
/** In one ack. */
export const MAX_FRAME_IDS = 1_000;
/** How deep the data of a message may be nested. */
export const MAX_LEVELS = 100;
/** A browser fails requests with `keepalive` whose bodies come to more than 64 KiB together, also those of the page. */
export const MAX_KEPT_ALIVE_BYTES = 62_000;

/** Notifications that are remembered, so that none is delivered twice. */
export const MAX_SEEN = 4_096;

/** The wait for the answer to a change of what was read, which is then sent again. */
export const MARKED_MS = 10_000;
/** The wait after an answer that the server has no room for the change now. */
export const RESEND_MARK_MS = 2_000;
/** The wait for the state that contains a change after its answer. A change of nothing makes no state. */
export const SHOWN_MS = 1_000;
/** The wait before the inbox is counted anew, so that several marks cost one request. The rest is random. */
export const COUNT_MS = 250;
/** Notifications in a page of the inbox. */
export const PAGE_SIZE = 50;
/** Notifications that the inbox keeps, unless the page has loaded more. */
export const MAX_ITEMS = 500;
