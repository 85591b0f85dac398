/** What a client is told where a job is not taken, not there, not finished, or came to nothing. */

import type { Problem } from "../problems";

export const JOB_NOT_FOUND: Problem = {
  code: "job-not-found",
  status: 404,
  detail: "There is no such job.",
  remedy: "It may have expired or been deleted; ask with the API key that made it.",
};

export const JOB_NOT_FINISHED: Problem = {
  code: "job-not-finished",
  status: 409,
  detail: "The job has not finished.",
  remedy: "Ask again after the seconds that Retry-After names.",
  headers: { "Retry-After": "1" },
};

export const JOBS_FULL: Problem = {
  code: "jobs-full",
  status: 503,
  detail: "No more jobs are taken for now.",
  remedy: "Try again after the seconds that Retry-After names.",
  headers: { "Retry-After": "10" },
};

export const JOBS_NOT_SET_UP: Problem = {
  code: "jobs-not-set-up",
  status: 501,
  detail: "Jobs are not set up here.",
  remedy: "Ask without a job, or have the bindings JOB, JOBS and STORE added to the Worker's configuration.",
};

export const UNSUPPORTED_BODY: Problem = {
  code: "unsupported-body",
  status: 415,
  detail: "The body's type is neither a form nor that of an image or a PDF.",
  remedy: "Send a form with the field `file`, or the file itself with its own Content-Type.",
};

export const MISSING_FIELD: Problem = {
  code: "missing-field",
  status: 422,
  detail: "The field with the file is missing.",
  remedy: "Send multipart/form-data with the file in the field `file`; /docs shows how.",
};

export const EMPTY_DOCUMENT: Problem = {
  code: "empty-document",
  status: 422,
  detail: "The file is empty.",
  remedy: "Send a whole image or PDF.",
};

/** The work was given up: of something that was not the request's fault. */
export const jobFailed = (attempts: number): Problem => ({
  code: "job-failed",
  status: 502,
  detail: `The job gave up after ${attempts} attempts.`,
  remedy: "Make a new job later; if it happens again, report the request id.",
});

export const RESULT_TOO_LARGE: Problem = {
  code: "job-failed",
  status: 502,
  detail: "The answer is larger than what is kept of a job.",
  remedy: "Ask for fewer pages, or for less of each.",
};

/** The service said no, in words that are no problem's. */
export const refused = (status: number): Problem => ({
  code: "refused",
  status,
  detail: "The service refused the request.",
  remedy: "See /docs for what this path takes.",
});

export const BAD_WEBHOOK: Problem = {
  code: "invalid-option",
  status: 422,
  detail: "The option webhook has a value that it does not take.",
  remedy: "Give an https URL at a public host name.",
  members: { option: "webhook" },
};

export const NO_WEBHOOKS: Problem = {
  ...BAD_WEBHOOK,
  detail: "Webhooks are not set up here.",
  remedy: "Set OFFING_JOBS_WEBHOOK_KEY, or ask for the job's state instead.",
};

/** A field of a download's JSON body is missing or of the wrong kind. */
export const invalidField = (field: string): Problem => ({
  code: "invalid",
  status: 422,
  detail: "A field is missing or of the wrong type.",
  remedy: "See /docs for what this path takes.",
  members: { field },
});
