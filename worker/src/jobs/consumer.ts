/** The queue's end: each message is one attempt at a job. A dead letter ends its job. */

import { Refused } from "../problems";
import { type DownloadWork, fetchFile } from "./download";
import type { Job, JobMessage, Started } from "./job";
import { asFailure, type OcrWork, readDocument } from "./ocr";
import { pauseBefore } from "./pauses";
import { LEASE, resultKey } from "./record";
import type { Desk, Outcome, Send } from "./work";

/** How long a batch may take, in milliseconds: the platform ends a consumer after 15 minutes. */
const LIMIT = 13 * 60_000;
/** How many of a batch are worked on at once. */
const AT_ONCE = 4;
/** How often a job is told that its attempt goes on, in milliseconds. */
const BEAT = LEASE / 4;
const DEAD = "-dead";
/** What the queue takes as a delay. */
const LONGEST = 12 * 3_600;
/** The pause where the job itself cannot be asked, in seconds. */
const PAUSE = 30;

type Stub = DurableObjectStub<Job>;

/** Works on a batch of the jobs' queue, or of its dead letters, whose queue's name ends in "-dead". */
export async function consumed(batch: MessageBatch, env: Env, ctx: ExecutionContext, send: Send): Promise<void> {
  const isDead = batch.queue.endsWith(DEAD);
  const limit = AbortSignal.timeout(LIMIT);
  const messages = [...batch.messages];
  const worker = async (): Promise<void> => {
    for (let next = messages.shift(); next; next = messages.shift()) {
      const id = idOf(next.body);
      const job = id === undefined ? undefined : env.JOB?.get(env.JOB.idFromName(id));
      try {
        if (!id || !job) log("job-message-unknown", {});
        else if (isDead) await bury(job);
        else if (await attempted(id, job, { env, ctx, send, limit }, next)) continue;
        next.ack();
      } catch (error) {
        log("job-unreachable", { cause: String(error) });
        next.retry({ delaySeconds: PAUSE });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

interface Surroundings {
  readonly env: Env;
  readonly ctx: ExecutionContext;
  readonly send: Send;
  readonly limit: AbortSignal;
}

/** One attempt. True where the message is to come again. */
async function attempted(id: string, job: Stub, around: Surroundings, message: Message): Promise<boolean> {
  const { env, limit } = around;
  const store = env.STORE;
  const started = store && (await job.start());
  if (!store || !started) return false; // finished, forgotten, or somebody is at it
  const { attempt, requestId } = started;
  const dropped = new AbortController();
  const signal = AbortSignal.any([limit, dropped.signal]);
  const beating = beat(job, attempt, dropped);
  const outcome = await worked(started, { ...around, id, attempt, requestId, store, signal });
  dropped.abort();
  await beating;
  if ("again" in outcome) {
    const pause = Math.max(outcome.again, pauseBefore(attempt + 1, env));
    if (!(await job.postpone(attempt, pause))) return false;
    message.retry({ delaySeconds: Math.min(LONGEST, Math.round(pause / 1000)) });
    return true;
  }
  const doesCount =
    "result" in outcome ? await job.succeed(attempt, outcome.result) : await job.fail(attempt, outcome.failure);
  if (!doesCount && started.work.service === "ocr") await store.delete(resultKey(id, attempt));
  return false;
}

/** The work itself. What breaks off, for whatever cause, may be tried again. */
async function worked({ work }: Started, desk: Desk): Promise<Outcome> {
  try {
    return await (work.service === "ocr" ? readDocument(work as OcrWork, desk) : fetchFile(work as DownloadWork, desk));
  } catch (error) {
    if (error instanceof Refused && error.problem.status < 500) {
      return { failure: asFailure(error.problem, desk.requestId) };
    }
    log("job-broke-off", { cause: String(error), service: work.service, request_id: desk.requestId });
    return { again: 0 };
  }
}

/**
 * Keeps the job ours while it is worked on, saying so every `pause` milliseconds; ends the attempt where the job is
 * forgotten.
 */
export async function beat(job: Stub, attempt: number, dropped: AbortController, pause = BEAT): Promise<void> {
  const { signal } = dropped;
  while (!signal.aborted) {
    await scheduler.wait(pause, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    // Where the job can't be asked, the attempt goes on: its outcome will tell.
    const goesOn = await job.renew(attempt).catch(() => true);
    if (!goesOn) dropped.abort(new Error("the job is forgotten, or another attempt has it"));
  }
}

async function bury(job: Stub): Promise<void> {
  if (await job.giveUp()) log("job-dead-letter", {});
}

function idOf(body: unknown): string | undefined {
  const id = (body as Partial<JobMessage> | null)?.id;
  return typeof id === "string" && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

const log = (event: string, members: object): void => console.error(JSON.stringify({ event, ...members }));
