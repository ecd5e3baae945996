/** Checks an answer against the document: its status, its headers, its body, and who may have it. */

import type { Answer } from "../../conformance/client/answer.ts";
import { type Json } from "../json/json.ts";
import { misfitOf } from "../json/schema_check.ts";
import { kindOfProblem } from "../problem_check.ts";
import { expect, fail } from "../violation.ts";
import { type ApiDocument, type Operation, operationsAt } from "./api_document.ts";
import type { RouteRequest } from "./route_request.ts";

export interface AnswerCheckOptions {
  readonly document: ApiDocument;
  readonly secrets: readonly string[];
  /** The body as it was sent; null: none. */
  readonly sent: Uint8Array | null;
}

/** @throws {Violation} naming the request */
export function checkAnswer(request: RouteRequest, answer: Answer, options: AnswerCheckOptions): void {
  try {
    check(request, answer, options);
  } catch (error) {
    const { method, path } = request, reason = error instanceof Error ? error.message : `${error}`;
    const body = answer.text.slice(0, 500);
    fail(`${method} ${path.slice(0, 200)} was answered with ${answer.status}: ${reason}\n${body}`);
  }
}

function check(request: RouteRequest, answer: Answer, { document, secrets, sent }: AnswerCheckOptions): void {
  const text = answer.text, head = JSON.stringify([...answer.headers]);
  const isLeaked = secrets.some((secret) => text.includes(secret) || head.includes(secret));
  expect(!isLeaked, () => "the answer has a secret");
  const kind = answer.status >= 400 ? kindOf(request, answer) : null;
  const here = operationsAt(document, request.path);
  const operation = here.find(({ method }) => method === request.method.replace("HEAD", "GET"));
  if (operation === undefined) return checkUnknown(here, { answer, request });
  const documented = operation.answers[answer.status];
  if (documented === undefined) return fail("the status is not documented for this route");
  if (kind !== null) {
    expect(documented.description.includes(`\`${kind}\``), () => `${kind} is not documented`);
  }
  if (answer.status >= 400) return;
  expect(mayCall(request, operation), () => "the caller may not do this");
  checkSuccess(request, answer, { operation, document });
  if (isPlain(request)) checkBody(sent, { operation, document });
}

/** A path or a method that the document does not have. */
function checkUnknown(
  here: readonly Operation[],
  { answer: { status, headers }, request: { method } }: { answer: Answer; request: RouteRequest },
): void {
  if (here.length === 0) return; // a path may have become one of another page
  const isPreflight = method === "OPTIONS" && (status === 204 || status === 200 || status === 403);
  expect(isPreflight || status >= 400, () => "the method is not documented for this route");
  expect(status !== 405 || headers.has("allow"), () => "there is no Allow");
}

function kindOf({ method }: RouteRequest, answer: Answer): string | null {
  const { status, headers } = answer, type = headers.get("content-type") ?? "";
  expect(status !== 500, () => "nothing may break the server");
  expect(type === "application/problem+json", () => `the refusal is ${type || "of no type"}`);
  expect((status !== 429 && status !== 503) || headers.has("retry-after"), () => "there is no Retry-After");
  expect(status !== 401 || headers.has("www-authenticate"), () => "there is no WWW-Authenticate");
  if (method === "HEAD") return null;
  const problem: Json = JSON.parse(answer.text);
  const kind = kindOfProblem(problem);
  expect(misStatus(problem, status), () => "the status of the problem is another one");
  return kind;
}

function misStatus(problem: Json, status: number): boolean {
  return typeof problem === "object" && problem !== null && "status" in problem && problem.status === status;
}

/** The reading key may call what needs `read`, and what needs no scope. */
function mayCall({ credential, credentialIn }: RouteRequest, { caller }: Operation): boolean {
  if (caller === "anyone") return true;
  if (caller === "subscriber") return credential === "token";
  if (credentialIn !== "header") return false;
  return credential === "all" || (credential === "read" && ["read", ""].includes(caller.scope));
}

function checkSuccess(
  { method }: RouteRequest,
  answer: Answer,
  { operation, document: { schemas } }: { operation: Operation; document: ApiDocument },
): void {
  const { status, headers } = answer;
  if (status < 200 || status === 204 || status === 304 || method === "HEAD") return;
  const type = headers.get("content-type")?.split(";", 1)[0] ?? "";
  if (type === "application/x-ndjson") return checkLines(answer, { operation, schemas });
  const content = operation.answers[status]?.content?.[type];
  if (content === undefined) return fail(`${type} is not documented`);
  if (type !== "application/json" || content.schema === undefined) return;
  const misfit = misfitOf(JSON.parse(answer.text), { schema: content.schema, schemas });
  expect(misfit === null, () => `${misfit}`);
}

/** Each line is what a request would be answered with: the answer, or a problem. */
function checkLines(
  { text }: Answer,
  { operation, schemas }: { operation: Operation; schemas: ApiDocument["schemas"] },
): void {
  const schema = operation.answers[202]?.content?.["application/json"]?.schema ?? {};
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const value: Json = JSON.parse(line), misfit = misfitOf(value, { schema, schemas });
    if (misfit !== null) kindOfProblem(value);
  }
}

/** No header says that the body is anything but JSON. */
function isPlain({ headers, body }: RouteRequest): boolean {
  const telling = ["content-type", "content-encoding", "x-amz-sns-message-type"];
  return body !== null && !headers.some(([name]) => telling.includes(name) || name.startsWith("ce-"));
}

/** What the document forbids is refused. */
function checkBody(
  sent: Uint8Array | null,
  { operation: { body: schema }, document: { schemas } }: { operation: Operation; document: ApiDocument },
): void {
  if (schema === null || sent === null) return;
  const value: Json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(sent));
  const misfit = misfitOf(value, { schema, schemas });
  expect(misfit === null, () => `the document forbids the body, and it was taken: ${misfit}`);
}
