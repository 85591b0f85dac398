/** How the tests ask the Worker, and what holds for every problem that it answers. */

import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import worker from "../src/index";

export const ANALYSIS = "/v1/image/analysis";

export const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  exports.default.fetch(new Request(`https://offing.example${path}`, { redirect: "manual", ...init }));

export const post = (body: BodyInit, path = ANALYSIS): Promise<Response> => ask(path, { method: "POST", body });

/** Asks the Worker as it were with other variables and bindings. */
export function askWith(
  changed: Partial<Env>,
  path: string,
  init: RequestInit = {},
  ctx = createExecutionContext(),
): Promise<Response> {
  const url = `https://offing.example${path}`;
  const request = new Request<unknown, IncomingRequestCfProperties>(url, { redirect: "manual", ...(init as object) });
  return worker.fetch(request, { ...env, ...changed }, ctx);
}

/** The same, and all that the Worker does after the answer. */
export async function askToTheEnd(changed: Partial<Env>, path: string, init: RequestInit = {}): Promise<Response> {
  const ctx = createExecutionContext();
  const answer = await askWith(changed, path, init, ctx);
  await waitOnExecutionContext(ctx);
  return answer;
}

/** A body as a client sends it that does not know the length. */
export function streamed(...parts: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

/** The text of a problem, which has all its members and tells of no address and no library. */
export async function problemOf(answer: Response, status: number, code: string): Promise<string> {
  const body = await answer.json<Record<string, unknown>>();
  expect(body).toMatchObject({ type: `urn:offing:problem:${code}`, status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  expect(Object.keys(body)).toEqual(["type", "title", "status", "detail", "code", "remedy", "request_id"]);
  expect(body["request_id"]).toBe(answer.headers.get("X-Request-ID"));
  expect(JSON.stringify(body)).not.toMatch(/Durable|wrangler|10\.0\.0\.1|port|error/i);
  if (status === 503) expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
  return String(body["detail"]);
}
