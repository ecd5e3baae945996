/** The transports over which browsers receive their stream, as the API and the nodes name them. */

export const TRANSPORT_KINDS = ["websocket", "sse"] as const;

export type TransportKind = typeof TRANSPORT_KINDS[number];
