/** Deletes a message of a stream so that its bytes are overwritten, which a purge or a newer message does not do. */

import { isApiError, MESSAGE_NOT_FOUND } from "./api_error.ts";
import type { NatsLink } from "./link.ts";

/** Resolves to false if the message is not there any more. */
export async function overwriteMessage(
  link: NatsLink,
  { stream, sequence }: { readonly stream: string; readonly sequence: number },
): Promise<boolean> {
  try {
    return await link.manager.streams.deleteMessage(stream, sequence, true);
  } catch (error) {
    if (MESSAGE_NOT_FOUND.some((code) => isApiError(error, code))) return false;
    throw error;
  }
}
