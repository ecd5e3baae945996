/** Turns problems into the errors of Connect and gRPC, with the problem as a detail. */

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Problem, ProblemKind } from "../../wire/problem.ts";
import { type ProblemDetails, ProblemDetailsSchema } from "./tidings/v1/publisher_pb.ts";

/** The canonical code of each kind of problem. */
export const CODES = {
  "bad-request": Code.InvalidArgument,
  "not-json": Code.InvalidArgument,
  "not-authorized": Code.Unauthenticated,
  "revoked": Code.Unauthenticated,
  "origin-not-allowed": Code.PermissionDenied,
  "missing-scope": Code.PermissionDenied,
  "not-local": Code.PermissionDenied,
  "not-found": Code.NotFound,
  "method-not-allowed": Code.Unimplemented,
  "already-sent": Code.FailedPrecondition,
  "timeout": Code.DeadlineExceeded,
  "too-large": Code.ResourceExhausted,
  "unsupported-encoding": Code.Unimplemented,
  "unsupported-type": Code.Unimplemented,
  "does-not-fit": Code.InvalidArgument,
  "too-many-exceptions": Code.FailedPrecondition,
  "id-conflict": Code.AlreadyExists,
  "upgrade-required": Code.FailedPrecondition,
  "too-many-connections": Code.ResourceExhausted,
  "too-many-requests": Code.ResourceExhausted,
  "quota-exceeded": Code.ResourceExhausted,
  "broken": Code.Internal,
  "not-here": Code.Unimplemented,
  "unavailable": Code.Unavailable,
} as const satisfies Record<ProblemKind, Code>;

/** Returns the error with the detail of the problem as its message, and the problem's headers as its metadata. */
export function connectError(problem: Problem): ConnectError {
  const details = [{ desc: ProblemDetailsSchema, value: problemDetails(problem) }];
  return new ConnectError(problem.message.toWellFormed(), CODES[problem.kind], problem.headers, details);
}

/** Returns the problem document as a message, whose texts cannot have half a surrogate pair, which they may quote. */
export function problemDetails({ type, title, status, message, errors = [] }: Problem): ProblemDetails {
  const wellFormed = errors.map(({ path, message }) => (
    { path: path.toWellFormed(), message: message.toWellFormed() }
  ));
  const detail = message.toWellFormed();
  return create(ProblemDetailsSchema, { type, title, status, detail, errors: wellFormed });
}
