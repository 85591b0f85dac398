/** Jobs of OCR: a body that is kept, and sent to the service as POST /ocr has it. */

import { Asked } from "../asked";
import { type Problem, problemBody, Refused } from "../problems";
import { keep, TooMuch } from "./kept";
import { EMPTY_DOCUMENT, MISSING_FIELD, refused, RESULT_TOO_LARGE, UNSUPPORTED_BODY } from "./problems";
import { bodyKey, type Failure, resultKey, type Work } from "./record";
import type { Desk, Outcome } from "./work";

export type OcrWork = Extract<Work, { readonly service: "ocr" }>;

/** The longest answer that is kept, in bytes. */
const ANSWER_LIMIT = 256 * 1024 * 1024;
/** The longest problem that is, in characters. */
const PROBLEM_LIMIT = 64 * 1024;
const FILE = /^(image\/|application\/pdf$|application\/octet-stream$)/;

/** What a request for a job asks of OCR. Throws where POST /ocr would refuse it unread. */
export function ocrWork({ request }: Asked): OcrWork {
  const contentType = request.headers.get("Content-Type") ?? "";
  const kind = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (kind && kind !== "multipart/form-data" && !FILE.test(kind)) throw new Refused(UNSUPPORTED_BODY);
  const isEmpty = !request.body || request.headers.get("Content-Length") === "0";
  if (isEmpty) throw new Refused(kind ? EMPTY_DOCUMENT : MISSING_FIELD);
  const { searchParams } = new URL(request.url);
  searchParams.delete("webhook");
  const query = searchParams.size ? `?${searchParams}` : "";
  return { service: "ocr", query, contentType, accept: request.headers.get("Accept") ?? "" };
}

/** Has the service read the kept body, and keeps its answer. */
export async function readDocument(work: OcrWork, desk: Desk): Promise<Outcome> {
  const { store, env, ctx, id, requestId, signal } = desk;
  const body = await store.get(bodyKey(id));
  if (!body) return { again: 0 }; // a job that was forgotten is not begun again
  const headers = new Headers({ "X-Request-ID": requestId, "Content-Length": String(body.size) });
  // What is compressed on its way has no length that could be told before.
  headers.set("Accept-Encoding", "identity");
  if (work.contentType) headers.set("Content-Type", work.contentType);
  if (work.accept) headers.set("Accept", work.accept);
  const url = `https://offing/ocr${work.query}`;
  const asked = new Asked(new Request(url, { method: "POST", headers, body: body.body, signal }), env, ctx);
  try {
    return await kept(await Promise.race([desk.send(asked), cut(signal)]), desk);
  } finally {
    await asked.end();
  }
}

async function kept(answer: Response, { store, id, attempt, requestId, signal }: Desk): Promise<Outcome> {
  const { status, headers } = answer;
  if (!answer.ok && (status < 400 || status >= 500)) {
    await answer.body?.cancel();
    return { again: Number(headers.get("Retry-After")) * 1000 || 0 };
  }
  if (!answer.ok) return { failure: await failureOf(answer, requestId) };
  const announced = headers.get("Content-Encoding") ? null : headers.get("Content-Length");
  const length = announced === null ? undefined : Number(announced);
  const body = answer.body ?? new Uint8Array();
  try {
    const bytes = await keep(store, body, { key: resultKey(id, attempt), length, limit: ANSWER_LIMIT, signal });
    return { result: { status, contentType: headers.get("Content-Type"), bytes, etag: null, commit: null } };
  } catch (error) {
    if (error instanceof TooMuch) return { failure: asFailure(RESULT_TOO_LARGE, requestId) };
    throw error;
  }
}

/** A refusal as the job keeps it: the service's own words, where it has some that are a problem. */
export async function failureOf(answer: Response, requestId: string): Promise<Failure> {
  const text = await answer.text();
  try {
    const told: unknown = JSON.parse(text);
    if (text.length <= PROBLEM_LIMIT && told && typeof told === "object" && "code" in told) {
      return { status: answer.status, text };
    }
  } catch {
    // No problem, then.
  }
  return asFailure(refused(answer.status), requestId);
}

/** A problem as a job keeps it. */
export const asFailure = (problem: Problem, requestId: string): Failure => ({
  status: problem.status,
  text: JSON.stringify(problemBody(problem, requestId)),
});

/** Rejects when the signal says so. */
export const cut = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
