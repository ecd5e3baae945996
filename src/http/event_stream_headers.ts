/** The headers of a response that is a stream of Server-Sent Events. */

export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no", // nginx would buffer small events
};
