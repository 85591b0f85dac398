/** What is kept of a job, and what a client is shown of it. */

import { type RepoFile, servicePath } from "../files/repo_file";

/** How often work is begun before it is given up. The queue's max_retries in wrangler.jsonc is one less. */
export const ATTEMPTS = 5;
const MINUTE = 60_000;
/** How long a body may take to arrive, in milliseconds. */
export const ARRIVAL = 15 * MINUTE;
/** How long a job belongs to who began it, unless that one says that it goes on. */
export const LEASE = 2 * MINUTE;
/** How long a job waits for its message before another is sent; twice as long each time. */
export const PATIENCE = 15 * MINUTE;

/** What a job is to do. */
export type Work =
  | {
      readonly service: "ocr";
      /** With its "?", where it is not empty. */
      readonly query: string;
      readonly contentType: string;
      readonly accept: string;
    }
  | {
      readonly service: "xet";
      readonly file: RepoFile;
      /** The caller's word to the hub: forgotten once the job has finished, and shown nowhere. */
      readonly authorization: string | null;
    };

export type JobService = Work["service"];

/** What a job came to: as a client may ask for it, or where the hub's file can be had. */
export interface Result {
  readonly status: number;
  readonly contentType: string | null;
  readonly bytes: number;
  /** Of a file: its ETag and commit. */
  readonly etag: string | null;
  readonly commit: string | null;
}

/** A problem as it is answered: its status and the text of its JSON. */
export interface Failure {
  readonly status: number;
  readonly text: string;
}

/** What a job is made of. */
export interface NewJob {
  readonly id: string;
  /** The API key that made it. */
  readonly caller: string | null;
  /** Of the request that made it. The job's own id is a secret between its owner and us: no log has it. */
  readonly requestId: string;
  readonly webhook: string | null;
  readonly work: Work;
  /** How long it is kept, in milliseconds. */
  readonly keep: number;
}

/** A job. Times are milliseconds since 1970. */
export interface JobRecord extends NewJob {
  readonly createdAt: number;
  /** "arriving": its body is not whole yet, so that nobody knows of it. "gone": it is being forgotten. */
  state: "arriving" | "queued" | "running" | "succeeded" | "failed" | "gone";
  attempts: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** Of one that has not finished: when it is looked after, because nothing has happened by then. */
  due: number | null;
  /** How often a message was sent anew. */
  resent: number;
  result: Result | null;
  failure: Failure | null;
  /** How often the webhook was called, and when it is called next. */
  calls: number;
  nextCall: number | null;
}

/** When a job is forgotten. */
export const expiryOf = (job: JobRecord): number => (job.finishedAt ?? job.createdAt) + job.keep;

export const isFinished = ({ state }: JobRecord): boolean => state === "succeeded" || state === "failed";

/** Where the request's body lies in the store. */
export const bodyKey = (id: string): string => `jobs/${id}/body`;

/** Where an attempt's answer lies: each has a place of its own, and the job says whose counts. */
export const resultKey = (id: string, attempt: number): string => `jobs/${id}/result/${attempt}`;

/** The path of a job. */
export const locationOf = (id: string, service: JobService): string =>
  `/${service === "ocr" ? "ocr" : "download"}/jobs/${id}`;

/** A job as a client is shown it: the body of every answer about it, and of its webhook. */
export function bodyOf(job: JobRecord): object {
  const location = locationOf(job.id, job.work.service);
  return {
    id: job.id,
    service: job.work.service,
    state: job.state,
    attempts: job.attempts,
    created_at: time(job.createdAt),
    started_at: time(job.startedAt),
    finished_at: time(job.finishedAt),
    expires_at: time(expiryOf(job)),
    location,
    result: job.result && shown(job.work, job.result, location),
    problem: job.failure && (JSON.parse(job.failure.text) as unknown),
  };
}

function shown(work: Work, { status, bytes, contentType, etag, commit }: Result, location: string): object {
  if (work.service === "ocr") return { status, content_type: contentType, bytes, location: `${location}/result` };
  // At the very commit that it was fetched at.
  const file = { ...work.file, revision: commit || work.file.revision };
  return { status, bytes, etag, commit, location: servicePath(file) };
}

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
