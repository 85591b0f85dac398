/** How the tests make jobs and look at them. */

import { createExecutionContext, createMessageBatch, getQueueResult, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { Job } from "../src/jobs/job";
import type { JobRecord } from "../src/jobs/record";
import worker from "../src/index";
import { ask } from "./asking";

/** A job as its client sees it. */
export interface Seen {
  readonly id: string;
  readonly service: string;
  readonly state: string;
  readonly attempts: number;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly expires_at: string;
  readonly location: string;
  readonly result: Record<string, unknown> | null;
  readonly problem: Record<string, unknown> | null;
}

export const IMAGE = { "Content-Type": "image/png" };

export const postJob = (body: BodyInit, query = "", headers: HeadersInit = IMAGE): Promise<Response> =>
  ask(`/ocr/jobs${query}`, { method: "POST", body, headers });

/** Makes a job of OCR, which is accepted. */
export async function made(body: BodyInit = "an image", query = "", headers: HeadersInit = IMAGE): Promise<Seen> {
  const answer = await postJob(body, query, headers);
  expect(answer.status).toBe(202);
  return answer.json<Seen>();
}

export const seen = async ({ location }: Seen): Promise<Seen> => (await ask(location)).json<Seen>();

/** Waits until a job has finished, however long the queue takes. */
export async function finished(job: Seen): Promise<Seen> {
  await expect.poll(async () => (await seen(job)).state, { timeout: 20_000 }).toMatch(/succeeded|failed/);
  return seen(job);
}

export function stubOf({ id }: Pick<Seen, "id">): DurableObjectStub<Job> {
  if (!env.JOB) throw new Error("no binding");
  return env.JOB.get(env.JOB.idFromName(id));
}

export const store = (): R2Bucket => {
  if (!env.STORE) throw new Error("no binding");
  return env.STORE;
};

export const keys = async (): Promise<string[]> => (await store().list({ prefix: "jobs/" })).objects.map(({ key }) => key);

export const record = (job: Pick<Seen, "id">): Promise<JobRecord | undefined> =>
  runInDurableObject(stubOf(job), (_, { storage }) => storage.kv.get<JobRecord>("job"));

/** Lets time pass for a job: what was to come in so many milliseconds is due now. */
export async function age(job: Pick<Seen, "id">, milliseconds: number): Promise<void> {
  await runInDurableObject(stubOf(job), async (_, { storage }) => {
    const kept = storage.kv.get<JobRecord>("job");
    if (!kept) throw new Error("there is no job");
    const earlier = (at: number | null): number | null => (at === null ? null : at - milliseconds);
    storage.kv.put("job", {
      ...kept,
      createdAt: kept.createdAt - milliseconds,
      startedAt: earlier(kept.startedAt),
      finishedAt: earlier(kept.finishedAt),
      due: earlier(kept.due),
      nextCall: earlier(kept.nextCall),
    });
  });
}

export interface Told {
  readonly acknowledged: boolean;
  /** In seconds, where the message is to come again. */
  readonly again: number | undefined;
}

/** Hands the consumer messages, as the queue would, and tells what it says of each. */
export async function deliver(bodies: readonly unknown[], queue = "offing-jobs", bindings: Env = env): Promise<Told[]> {
  const messages = bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body }));
  const batch = createMessageBatch(queue, messages);
  // The result below says which come again, and not when.
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  const ctx = createExecutionContext();
  await worker.queue(batch, bindings, ctx);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, ctx);
  expect([...explicitAcks, ...retryMessages.map(({ msgId }) => msgId)].sort()).toEqual(messages.map(({ id }) => id));
  return messages.map(({ id }, index) => ({
    acknowledged: explicitAcks.includes(id),
    again: retries[index]?.mock.calls[0]?.[0]?.delaySeconds,
  }));
}

/** Asks the Worker with a request, or bindings, that do not come in by a socket. */
export function askDirectly(path: string, init: RequestInit<IncomingRequestCfProperties>, bindings: Env = env): Promise<Response> {
  const request = new Request<unknown, IncomingRequestCfProperties>(`https://offing.example${path}`, init);
  return worker.fetch(request, bindings, createExecutionContext());
}
