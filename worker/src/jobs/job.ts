/**
 * One Durable Object a job: what is known of it, and the alarm that looks after it. Every change is in storage
 * before anyone is told of it, so that an end at any moment loses nothing.
 */

import { DurableObject } from "cloudflare:workers";
import { jobFailed } from "./problems";
import {
  ARRIVAL,
  ATTEMPTS,
  bodyKey,
  bodyOf,
  expiryOf,
  type Failure,
  isFinished,
  type JobRecord,
  type JobService,
  LEASE,
  type NewJob,
  PATIENCE,
  type Result,
  resultKey,
  type Work,
} from "./record";
import { pauseBefore } from "./pauses";
import { problemBody } from "../problems";
import { callWebhook, pauseAfter, webhookKey } from "./webhook";

/** What the queue carries. */
export interface JobMessage {
  readonly id: string;
}

/** Work that has been handed out, to whoever names its number. */
export interface Started {
  /** Which attempt it is, from 1. */
  readonly attempt: number;
  readonly requestId: string;
  readonly work: Work;
}

const RECORD = "job";
/** When what failed in an alarm is done again, in milliseconds. */
const AGAIN = 60_000;

/** A job, from the arrival of its body until it is forgotten. One that was never made has no storage. */
export class Job extends DurableObject<Env> {
  /** Notes a job whose body is still to come. What never becomes whole is forgotten. */
  async reserve(given: NewJob): Promise<void> {
    const now = Date.now();
    await this.#save({
      ...given,
      createdAt: now,
      state: "arriving",
      attempts: 0,
      startedAt: null,
      finishedAt: null,
      due: now + ARRIVAL,
      resent: 0,
      result: null,
      failure: null,
      calls: 0,
      nextCall: null,
    });
  }

  /** The body is there: the work may begin. Undefined, and the job forgotten, where the queue does not take it. */
  async submit(): Promise<JobRecord | undefined> {
    const job = this.#stored();
    if (job?.state !== "arriving") return undefined;
    job.state = "queued";
    job.due = Date.now() + PATIENCE;
    await this.#save(job);
    if (await this.#send(job, 0)) return this.#stored() ?? job;
    await this.#forget(job);
    return undefined;
  }

  /** The body did not become whole. */
  async abandon(): Promise<void> {
    const job = this.#stored();
    if (job?.state === "arriving") await this.#forget(job);
  }

  /** The job, for its owner alone. */
  read(caller: string | null, service: JobService): JobRecord | undefined {
    const job = this.#known();
    return job?.caller === caller && job.work.service === service ? job : undefined;
  }

  /** Hands out the work. Undefined where there is none: the job is finished, forgotten, or somebody is at it. */
  async start(): Promise<Started | undefined> {
    const job = this.#known();
    if (!job || isFinished(job)) return undefined;
    const now = Date.now();
    if (job.state === "running" && now < (job.due ?? 0)) return undefined;
    if (job.attempts >= ATTEMPTS) {
      await this.#giveUp(job);
      return undefined;
    }
    job.attempts += 1;
    job.state = "running";
    job.startedAt ??= now;
    job.due = now + LEASE;
    await this.#save(job);
    return { attempt: job.attempts, requestId: job.requestId, work: job.work };
  }

  /** Whether an attempt is to go on: who is at it says now and then that it does. */
  async renew(attempt: number): Promise<boolean> {
    const job = this.#running(attempt);
    if (!job) return false;
    job.due = Date.now() + LEASE;
    await this.#save(job);
    return true;
  }

  /** An attempt has a result, which lies in the store. False where it counts no more. */
  async succeed(attempt: number, result: Result): Promise<boolean> {
    const job = this.#running(attempt);
    if (!job) return false;
    await this.#finish({ ...job, state: "succeeded", result });
    return true;
  }

  /** An attempt was refused, as it would be each time. */
  async fail(attempt: number, failure: Failure): Promise<boolean> {
    const job = this.#running(attempt);
    if (!job) return false;
    await this.#finish({ ...job, state: "failed", failure });
    return true;
  }

  /** An attempt came to nothing; its message comes again after the pause, in milliseconds. */
  async postpone(attempt: number, pause: number): Promise<boolean> {
    const job = this.#running(attempt);
    if (!job) return false;
    // After the last one the message becomes a dead letter, which says so.
    job.due = Date.now() + (job.attempts < ATTEMPTS ? pause + PATIENCE : AGAIN);
    job.state = "queued";
    await this.#save(job);
    return true;
  }

  /** Its message is a dead letter. True where that ends the job. */
  async giveUp(): Promise<boolean> {
    const job = this.#known();
    if (!job || isFinished(job)) return false;
    if (job.state === "running" && Date.now() < (job.due ?? 0)) return false;
    await this.#giveUp(job);
    return true;
  }

  /** Forgets the job with all that is kept of it, for its owner; false where there is none of theirs. */
  async forget(caller: string | null, service: JobService): Promise<boolean> {
    const job = this.read(caller, service);
    if (!job) return false;
    await this.#forget(job);
    return true;
  }

  /** Looks after the job: whatever is due is done, and what fails is done again later. */
  override async alarm(): Promise<void> {
    try {
      const job = this.#stored();
      if (!job) return;
      const now = Date.now();
      const never = job.state === "arriving" && now >= (job.due ?? 0);
      if (never || job.state === "gone" || now >= expiryOf(job)) return await this.#forget(job);
      if (job.due !== null && now >= job.due) await this.#overdue(job);
      else if (job.nextCall !== null && now >= job.nextCall) await this.#call(job);
      else await this.#save(job); // it came early
    } catch (error) {
      // The platform gives an alarm up that fails too often.
      console.error(JSON.stringify({ event: "job-alarm-failed", cause: String(error) }));
      await this.ctx.storage.setAlarm(Date.now() + AGAIN);
    }
  }

  /** Nothing came of an attempt, or of a message: a message is sent anew. */
  async #overdue(job: JobRecord): Promise<void> {
    if (job.attempts >= ATTEMPTS) return this.#giveUp(job);
    const pause = job.state === "running" ? pauseBefore(job.attempts + 1, this.env) : 0;
    job.state = "queued";
    job.resent += 1;
    job.due = Date.now() + pause + PATIENCE * 2 ** Math.min(job.resent, 10);
    await this.#save(job);
    this.#log("job-sent-again", job);
    await this.#send(job, pause);
  }

  /** Calls the webhook. That it will be called again is noted first: a call that ends us counts, too. */
  async #call(job: JobRecord): Promise<void> {
    const key = webhookKey(this.env);
    job.calls += 1;
    const pause = pauseAfter(job.calls);
    job.nextCall = pause === undefined ? null : Date.now() + pause;
    await this.#save(job);
    const isTold = key && job.webhook ? await callWebhook(job.webhook, key, job.id, JSON.stringify(bodyOf(job))) : true;
    if (!isTold && pause === undefined) this.#log("job-webhook-failed", job);
    const now = this.#known(); // it may have been forgotten meanwhile
    if (isTold && now) await this.#save({ ...now, nextCall: null });
  }

  async #giveUp(job: JobRecord): Promise<void> {
    const problem = jobFailed(job.attempts);
    const text = JSON.stringify(problemBody(problem, job.requestId));
    await this.#finish({ ...job, state: "failed", failure: { status: problem.status, text } });
  }

  /** What was needed for the work alone is forgotten with its end. */
  async #finish(job: JobRecord): Promise<void> {
    const now = Date.now();
    const work = job.work.service === "xet" ? { ...job.work, authorization: null } : job.work;
    await this.#save({ ...job, work, finishedAt: now, due: null, nextCall: job.webhook ? now : null });
    this.#log("job", job);
    // Where this fails, it is deleted with the rest.
    if (work.service === "ocr") await this.env.STORE?.delete(bodyKey(job.id)).catch(() => undefined);
  }

  /** Nobody knows of the job from now on; where the store fails, the alarm clears away the rest. */
  async #forget(job: JobRecord): Promise<void> {
    await this.#save({ ...job, state: "gone", due: Date.now() + AGAIN, nextCall: null });
    try {
      const results = Array.from({ length: job.attempts }, (_, index) => resultKey(job.id, index + 1));
      if (job.work.service === "ocr") await this.env.STORE?.delete([bodyKey(job.id), ...results]);
    } catch (error) {
      console.error(JSON.stringify({ event: "job-not-cleared", cause: String(error), request_id: job.requestId }));
      return;
    }
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  async #send({ id, requestId }: JobRecord, pause: number): Promise<boolean> {
    try {
      if (!this.env.JOBS) return false;
      await this.env.JOBS.send({ id }, { delaySeconds: Math.round(pause / 1000) });
      return true;
    } catch (error) {
      console.error(JSON.stringify({ event: "job-not-sent", cause: String(error), request_id: requestId }));
      return false;
    }
  }

  /** Reading makes no storage. */
  #stored(): JobRecord | undefined {
    return this.ctx.storage.kv.get<JobRecord>(RECORD);
  }

  /** The job, where anybody may know of it. */
  #known(): JobRecord | undefined {
    const job = this.#stored();
    return job && job.state !== "arriving" && job.state !== "gone" && Date.now() < expiryOf(job) ? job : undefined;
  }

  /** The job, where this attempt is the one that counts. */
  #running(attempt: number): JobRecord | undefined {
    const job = this.#known();
    return job?.state === "running" && job.attempts === attempt ? job : undefined;
  }

  /** Both in one write: there is no job without an alarm that ends it. */
  async #save(job: JobRecord): Promise<void> {
    this.ctx.storage.kv.put(RECORD, job);
    const times = [job.due, job.nextCall, job.state === "gone" ? null : expiryOf(job)];
    await this.ctx.storage.setAlarm(Math.min(...times.filter((time) => time !== null)));
  }

  #log(event: string, job: JobRecord): void {
    const { state, attempts, requestId, work } = job;
    const line = { event, service: work.service, state, attempts, milliseconds: Date.now() - job.createdAt };
    console.log(JSON.stringify({ ...line, request_id: requestId }));
  }
}
