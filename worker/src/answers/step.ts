/** The step that answers what the same caller has asked before, of what it allows to be kept. */

import type { Asked, Next } from "../asked";
import { positive } from "../settings";
import { isQuestion, questionOf } from "./question";

/** The name of this cache in Cache-Status (RFC 9211), and at the platform. */
const NAME = "offing-answers";
/** The largest answer that is kept, in bytes. Up to this the container's Durable Object gives none before its end. */
const LARGEST = 1024 * 1024;
/** When a kept answer was made, in milliseconds since 1970. */
const MADE = "X-Offing-Made";
/** What of an answer's head belongs to the answer; the rest belongs to one request. */
const KEPT = ["Content-Type", "Content-Length", "Content-Disposition", "Content-Language"];
/** An answer of this type may tell of pages that failed. */
const LINES = "application/x-ndjson";

/**
 * Gives a kept answer to the API key that asked the same before, where the request's Cache-Control has a max-age that
 * the answer is not older than (RFC 9111, section 5.2.1.1), and keeps what it has to ask for. Without a key, without
 * max-age, and with no-store or no-cache, nothing is looked up and nothing kept.
 */
export async function cachedAnswers(asked: Asked, next: Next): Promise<Response> {
  const { request, env, caller } = asked;
  if (!isQuestion(asked)) return next();
  const seconds = Math.trunc(positive(env.ANSWER_CACHE_SECONDS, 0));
  if (caller === undefined || seconds <= 0) return noted(await next(), "fwd=bypass");
  const oldest = allowed(request.headers.get("Cache-Control"));
  if (oldest <= 0) return noted(await next(), "fwd=request");
  const question = await questionOf(asked, caller);
  if (question === undefined) return noted(await next(), "fwd=bypass");
  const place = new URL(`/.offing/answers/${question}`, request.url).href;
  const kept = await find(place, asked.requestId);
  const age = kept ? (Date.now() - Number(kept.headers.get(MADE))) / 1000 : Infinity;
  if (kept && age <= Math.min(oldest, seconds)) return again(kept, Math.max(0, Math.floor(age)), seconds);
  await kept?.body?.cancel();
  return keep(asked, await next(), place, seconds, kept ? "stale" : "uri-miss");
}

/** The age in seconds that a request allows; 0 where it does not say, or forbids to use or to keep what is known. */
export function allowed(header: string | null): number {
  const given = new Map<string, string>();
  for (const part of (header ?? "").toLowerCase().split(",")) {
    const [name = "", value = ""] = part.trim().split("=");
    given.set(name.trim(), value.trim().replace(/^"(.*)"$/, "$1"));
  }
  const age = given.get("max-age") ?? "";
  return given.has("no-store") || given.has("no-cache") || !/^[0-9]{1,10}$/.test(age) ? 0 : Number(age);
}

/** What is kept. A cache that fails has nothing. */
async function find(place: string, requestId: string): Promise<Response | undefined> {
  try {
    return await (await caches.open(NAME)).match(place);
  } catch (error) {
    failed(error, requestId);
    return undefined;
  }
}

function again(kept: Response, age: number, seconds: number): Response {
  const headers = head(kept);
  headers.set("Age", String(age));
  headers.set("Cache-Status", `${NAME}; hit; ttl=${seconds - age}`);
  return new Response(kept.body, { headers });
}

/** The service's answer, which is kept where it is one to be kept. */
async function keep(asked: Asked, answer: Response, place: string, seconds: number, why: string): Promise<Response> {
  if (!mayKeep(answer)) return noted(answer, `fwd=${why}`);
  const body = await answer.arrayBuffer();
  const headers = head(answer);
  headers.set(MADE, String(Date.now()));
  headers.set("Cache-Control", `max-age=${seconds}`);
  const put = async (): Promise<void> => (await caches.open(NAME)).put(place, new Response(body, { headers }));
  asked.ctx.waitUntil(put().catch((error: unknown) => failed(error, asked.requestId)));
  return noted(new Response(body, answer), `fwd=${why}; stored`);
}

/** An answer that says what this cache did. */
function noted(answer: Response, told: string): Response {
  const given = new Response(answer.body, answer);
  given.headers.append("Cache-Status", `${NAME}; ${told}`);
  return given;
}

/** Whether an answer may be kept: a success, whole, and one that does not forbid it. */
function mayKeep({ status, body, headers }: Response): boolean {
  const length = headers.get("Content-Length");
  const forbids = /\b(?:no-store|no-cache|private)\b/i.test(headers.get("Cache-Control") ?? "");
  const isPlain = !headers.has("Content-Encoding") && !(headers.get("Content-Type") ?? "").startsWith(LINES);
  return status === 200 && body !== null && length !== null && Number(length) <= LARGEST && !forbids && isPlain;
}

function head(answer: Response): Headers {
  const headers = new Headers();
  for (const name of KEPT) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

function failed(error: unknown, requestId: string): void {
  const cause = error instanceof Error ? error.name : "unknown";
  console.error(JSON.stringify({ event: "answer-cache-failed", cause, request_id: requestId }));
}
