/** The failure to process a message between nodes, for the log. */

import { z } from "zod";

/**
 * What a message says that no node of this version has sent is no part of its failure: anybody with an account on NATS can
 * send such messages, and the log counts failures with the same text as one.
 */
export function messageFailure(what: string, cause: unknown): Error {
  const isForeign = cause instanceof SyntaxError || cause instanceof RangeError ||
    cause instanceof z.ZodError;
  return isForeign ? new Error(`${what}: it is not from a node of this version`) : new Error(what, { cause });
}
