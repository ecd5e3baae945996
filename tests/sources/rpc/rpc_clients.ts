/** Clients of PublisherService, by the library of Connect, over any fetch. */

import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createFetchClient } from "@connectrpc/connect/protocol";
import { createTransport as connectTransport } from "@connectrpc/connect/protocol-connect";
import { createTransport as grpcWebTransport } from "@connectrpc/connect/protocol-grpc-web";
import { PublisherService } from "../../../src/sources/rpc/tidings/v1/publisher_pb.ts";

export type PublisherClient = Client<typeof PublisherService>;

/** The four ways to call a method, by their names. */
export const WAYS = {
  "Connect in binary": { create: connectTransport, useBinaryFormat: true },
  "Connect in JSON": { create: connectTransport, useBinaryFormat: false },
  "gRPC-Web in binary": { create: grpcWebTransport, useBinaryFormat: true },
  "gRPC-Web in JSON": { create: grpcWebTransport, useBinaryFormat: false },
} as const;

export interface ClientOptions {
  readonly way: keyof typeof WAYS;
  readonly baseUrl: string;
  readonly key: string | null;
  readonly fetch: (request: Request) => Promise<Response>;
}

export function createPublisherClient({ way, baseUrl, key, fetch }: ClientOptions): PublisherClient {
  const { create, useBinaryFormat } = WAYS[way];
  const transport = create({
    baseUrl,
    useBinaryFormat,
    httpClient: createFetchClient((request) => fetch(new Request(request))),
    interceptors: key === null ? [] : [withKey(key)],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: 2 ** 24,
    writeMaxBytes: 2 ** 24,
  });
  return createClient(PublisherService, transport);
}

function withKey(key: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${key}`);
    return next(request);
  };
}
