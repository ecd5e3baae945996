/** Says in plain words why a request to NATS failed. */

import { messageOf } from "../wire/error_message.ts";
import { isNoResponders } from "./api_error.ts";

/** The library calls a request without an answer "jetstream is not enabled", which is only one of the reasons. */
export function plainMessage(error: unknown): string {
  if (isNoResponders(error)) {
    return "nothing in NATS takes the request: the stream is missing or has no leader, or JetStream is disabled";
  }
  return messageOf(error);
}

/** The options of an error with this cause, which is left out if it would mislead a reader of the log. */
export function plainCause(error: unknown): ErrorOptions {
  return isNoResponders(error) ? {} : { cause: error };
}
