/** Takes a job on: its body goes to the store, what is known of it to its Durable Object, its id to the queue. */

import type { Asked } from "../asked";
import { BAD_REQUEST, Refused } from "../problems";
import { positive } from "../settings";
import { downloadWork } from "./download";
import type { Job } from "./job";
import { keep, NoPlace } from "./kept";
import { ocrWork } from "./ocr";
import { BAD_WEBHOOK, JOBS_FULL, JOBS_NOT_SET_UP, NO_WEBHOOKS } from "./problems";
import { bodyKey, type JobRecord, type JobService, type Work } from "./record";
import { webhookKey, webhookUrl } from "./webhook";

const KEEP_SECONDS = 86_400;

/** Accepts a job; or gives the answer that refuses it. Throws what else is refused. */
export async function accept(asked: Asked, service: JobService): Promise<JobRecord | Response> {
  const { env, requestId } = asked;
  if (!env.JOB || !env.JOBS || !env.STORE) throw new Refused(JOBS_NOT_SET_UP);
  const webhook = webhookOf(asked);
  const work: Work | Response = service === "ocr" ? ocrWork(asked) : await downloadWork(asked);
  if (work instanceof Response) return work;

  const id = newId();
  const job = env.JOB.get(env.JOB.idFromName(id));
  // Before its body comes: had we to end then, the job's alarm clears away what there is of it.
  await job.reserve({ id, caller: asked.caller ?? null, requestId, webhook, work, keep: keepOf(env) });
  if (service === "ocr") await take(asked, id, env.STORE, job);
  const made = await job.submit();
  if (!made) throw new Refused(JOBS_FULL);
  return made;
}

/** 128 random bits, in hexadecimal. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Brings the body into the store, as it comes. */
async function take(asked: Asked, id: string, store: R2Bucket, job: DurableObjectStub<Job>): Promise<void> {
  const { limit } = asked.incoming;
  const announced = asked.request.headers.get("Content-Length");
  const length = announced === null ? undefined : Number(announced);
  try {
    const { body } = await asked.upload();
    await keep(store, body ?? new Uint8Array(), { key: bodyKey(id), length, limit });
  } catch (error) {
    await job.abandon();
    if (error instanceof Refused) throw error;
    if (error instanceof NoPlace) throw new Refused(JOBS_FULL);
    console.error(JSON.stringify({ event: "job-body-broke-off", cause: String(error), request_id: asked.requestId }));
    throw new Refused(BAD_REQUEST);
  }
}

/** The URL to be told, where one is named and can be. */
function webhookOf({ request, env }: Asked): string | null {
  const given = new URL(request.url).searchParams.get("webhook");
  if (given === null) return null;
  if (!webhookKey(env)) throw new Refused(NO_WEBHOOKS);
  const url = webhookUrl(given);
  if (!url) throw new Refused(BAD_WEBHOOK);
  return url;
}

const keepOf = (env: Env): number => 1000 * positive(env.OFFING_JOBS_KEEP_SECONDS, KEEP_SECONDS);
