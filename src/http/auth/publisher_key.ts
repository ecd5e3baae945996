/** Where a request has the key of a publisher. The route decides which places count. */

import { Buffer } from "node:buffer";
import { KEY_SUBPROTOCOL } from "../../wire/publish_socket.ts";
import { parseSubprotocols } from "../subprotocol.ts";

/** A place for the key in requests of one kind. */
export interface KeyPlace {
  /** Returns the key, which is not empty. Undefined if there is none. */
  find(request: Request): string | undefined;
  /** The `WWW-Authenticate` of the refusal of a request. */
  challenge(request: Request): string;
}

/** `Authorization: Bearer KEY` */
export const IN_HEADER: KeyPlace = { find: bearerIn, challenge: () => "Bearer" };

/** The header or else a subprotocol, because browsers cannot add a header to an upgrade. */
export const IN_HEADER_OR_SUBPROTOCOL: KeyPlace = {
  find: (request) => bearerIn(request) ?? keyInSubprotocol(request),
  challenge: () => "Bearer",
};

/**
 * The header or else, for Amazon SNS, the password of its subscription's URL, because it can send no other. Nobody else
 * may send a password: a browser adds one that it knows to the requests of any page. No page can add the header of SNS
 * to a request to another origin, because the preflight does not allow it.
 */
export const IN_HEADER_OR_PASSWORD_OF_SNS: KeyPlace = {
  find: (request) => bearerIn(request) ?? (isFromSns(request) ? passwordIn(request) : undefined),
  challenge: (request) => isFromSns(request) ? 'Basic realm="Tidings"' : "Bearer", // SNS waits for a challenge
};

/** Any of the places, to find out whose request was refused. */
export function findKeyAnywhere(request: Request): string | undefined {
  return IN_HEADER_OR_SUBPROTOCOL.find(request) ?? IN_HEADER_OR_PASSWORD_OF_SNS.find(request);
}

function bearerIn({ headers }: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

function keyInSubprotocol(request: Request): string | undefined {
  const offered = parseSubprotocols(request).find((name) => name.startsWith(KEY_SUBPROTOCOL));
  if (offered === undefined) return undefined;
  return Buffer.from(offered.slice(KEY_SUBPROTOCOL.length), "base64url").toString() || undefined;
}

function isFromSns({ headers }: Request): boolean {
  return headers.has("x-amz-sns-message-type");
}

/** The password of Basic authentication (RFC 7617), which is not empty. */
function passwordIn({ headers }: Request): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
  return /^[^:]*:(.+)$/.exec(Buffer.from(encoded, "base64").toString())?.[1];
}
