/**
 * The methods of PublisherService, as Connect's handlers call them: for gRPC-Web, and for streams. They encode each
 * message again, because then what reads the calls of Connect, which are many, reads these too.
 */

import {
  type ConnectRouter,
  type ContextKey,
  createConnectRouter,
  createContextKey,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Problem } from "../../wire/problem.ts";
import type { PublisherAllowance } from "../allowance.ts";
import { publish, type PublishDeps } from "../publish.ts";
import { notifyManyResponse, notifyResponse } from "./answer_writer.ts";
import { connectError, problemDetails } from "./connect_error.ts";
import { readNotifyManyRequest, readNotifyRequest } from "./request_reader.ts";
import {
  NotifyManyRequestSchema,
  NotifyManyResponseSchema,
  NotifyRequestSchema,
  NotifyResponseSchema,
  PublisherService,
  type PublishRequest,
  PublishRequestSchema,
  type PublishResponse,
  PublishResponseSchema,
} from "./tidings/v1/publisher_pb.ts";

/** What the methods need of a call. */
export interface Call {
  /** The Idempotency-Key. Throws a {@linkcode Problem} if it is malformed. */
  key(): string | null;
  /** Counts and logs what was thrown, and returns the problem for the publisher. */
  refuse(error: unknown): Problem;
  /** Called with each message of a stream. */
  progress(): void;
  /** Resolves when others had a turn of the event loop. */
  turn(): Promise<void>;
  /** What the publisher may still send. Null: any number. Called after the first message was read. */
  allowance(): PublisherAllowance | null;
}

/** The context value that every call must have. */
export const CALL: ContextKey<Call | null> = createContextKey<Call | null>(null);

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A message takes 100 µs, and those of a chunk wait for nothing else. */
const MESSAGES_A_TURN = 25;

/** Creates the handlers of the methods. Connect's own unary calls have faster ones. */
export function createPublisherRouter(intake: PublishDeps): ConnectRouter {
  const router = createConnectRouter({ grpc: false, readMaxBytes: MAX_MESSAGE_BYTES });
  return router.service(PublisherService, publisherService(intake));
}

function publisherService(intake: PublishDeps): ServiceImpl<typeof PublisherService> {
  return {
    async notify(request, context) {
      const text = () => readNotifyRequest(toBinary(NotifyRequestSchema, request));
      return fromBinary(NotifyResponseSchema, notifyResponse(await publishOnce(text, context)));
    },
    async notifyMany(request, context) {
      const text = () => readNotifyManyRequest(toBinary(NotifyManyRequestSchema, request));
      return fromBinary(NotifyManyResponseSchema, notifyManyResponse(await publishOnce(text, context)));
    },
    async *publish(requests, context) {
      const call = callOf(context);
      let index = 0;
      for await (const request of requests) {
        call.progress();
        yield await answer(request, { call, index: index++ });
        if (index % MESSAGES_A_TURN === 0) await call.turn();
      }
    },
  };

  async function publishOnce(text: () => string, context: HandlerContext): ReturnType<typeof publish> {
    const call = callOf(context);
    try {
      return await publish({ json: text(), key: call.key(), allowance: call.allowance() }, intake);
    } catch (error) {
      throw connectError(call.refuse(error));
    }
  }

  /** The key of a stream names its requests KEY.0, KEY.1 and so on. */
  async function answer(
    request: PublishRequest,
    { call, index }: { call: Call; index: number },
  ): Promise<PublishResponse> {
    try {
      const allowance = call.allowance();
      allowance?.takeRequest();
      allowance?.requireNotifications();
      const json = readNotifyManyRequest(toBinary(PublishRequestSchema, request)), callKey = call.key();
      const key = callKey === null ? null : `${callKey}.${index}`;
      const published = await publish({ json, key, allowance }, intake);
      return fromBinary(PublishResponseSchema, notifyManyResponse(published));
    } catch (error) {
      return create(PublishResponseSchema, { problem: problemDetails(call.refuse(error)) });
    }
  }
}

function callOf({ values }: HandlerContext): Call {
  const call = values.get(CALL);
  if (call === null) throw new Error("every call needs the context value CALL");
  return call;
}
