/**
 * What the Worker itself tells a client of a failure: RFC 9457 bodies with the members, and where both
 * sides know the failure the very words, of the services' own problems.
 */

import { CODE, FULL } from "./internal_headers";

export interface Problem {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body (RFC 9457, section 3.2). */
  readonly members?: Readonly<Record<string, string | number>>;
}

/** Thrown by a step: the request ends here, with this problem. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** Carried by an answer that says of the container what no status says: "draining", "lost", "unstarted" or "full". */
export const STATE = "X-Offing-State";

const TRY_AGAIN = "Try again after the seconds that Retry-After names.";

export const NOT_FOUND: Problem = {
  code: "not-found",
  status: 404,
  detail: "There is nothing at this path.",
  remedy: "GET / lists what is served here.",
};

export const METHOD_NOT_ALLOWED: Problem = {
  code: "method-not-allowed",
  status: 405,
  detail: "This path does not answer this method.",
  remedy: "The Allow header names the methods that it answers.",
  headers: { Allow: "GET, HEAD" },
};

export const BAD_REQUEST: Problem = {
  code: "bad-request",
  status: 400,
  detail: "The request could not be read.",
  remedy: "Send the whole body that the request announces.",
};

export const INTERNAL: Problem = {
  code: "internal",
  status: 500,
  detail: "Something failed on our side.",
  remedy: "Try again; if it happens again, report the request id.",
};

export const UNAUTHORIZED: Problem = {
  code: "unauthorized",
  status: 401,
  detail: "Missing or invalid API key.",
  remedy: "Send a valid key in the X-API-Key header.",
  headers: { "WWW-Authenticate": 'ApiKey header="X-API-Key"' },
  members: {
    error: "Unauthorized",
    message: "Missing or invalid API key. Please provide X-API-Key header.",
  },
};

/** Of the Worker's own settings. It refuses rather than to guess whom to let in. */
export const BAD_SETTING: Problem = {
  code: "bad-setting",
  status: 500,
  detail: "A setting has a value that does not fit.",
  remedy: "`offing settings` lists every setting with its meaning.",
};

/** The longest period that the platform counts over, in seconds. */
const RATE_SECONDS = 60;

export const TOO_MANY: Problem = {
  code: "too-many-requests",
  status: 429,
  detail: "Too many requests came with this key, or from this address.",
  remedy: TRY_AGAIN,
  headers: { "Retry-After": String(RATE_SECONDS) },
};

export const tooLarge = (max_size_bytes: number, received_size_bytes: number): Problem => ({
  code: "too-large",
  status: 413,
  detail: "The body is larger than this service takes.",
  remedy: "Send less than the limit that this answer names.",
  members: { max_size_bytes, received_size_bytes },
});

export const SLOW_REQUEST: Problem = {
  code: "slow-request",
  status: 408,
  detail: "The request took too long to come.",
  remedy: "Send it again, faster or smaller.",
};

export const TOOK_TOO_LONG: Problem = {
  code: "took-too-long",
  status: 504,
  detail: "The request took longer than its time limit.",
  remedy: "Send less work in one request.",
};

/** The deployer's own backend took the request, and what was sent can't be sent again. */
export const UPSTREAM_FAILED: Problem = {
  code: "upstream-failed",
  status: 503,
  detail: "The backend that had the request did not answer it.",
  remedy: TRY_AGAIN,
  headers: { "Retry-After": "1" },
};

/** The container went away while it held the request. */
export const LOST: Problem = {
  code: "container-lost",
  status: 503,
  detail: "The container stopped before it had answered.",
  remedy: TRY_AGAIN,
  headers: { "Retry-After": "1", [STATE]: "lost" },
};

/** Said among ourselves: the request goes to the dispatcher. */
export const NO_ROOM: Problem = {
  code: "container-unavailable",
  status: 503,
  detail: "The container has enough to do.",
  remedy: TRY_AGAIN,
  headers: { "Retry-After": "1", [STATE]: FULL },
};

const unavailable = (detail: string, retryAfter: number): Problem => ({
  code: "container-unavailable",
  status: 503,
  detail,
  remedy: TRY_AGAIN,
  headers: { "Retry-After": String(retryAfter), [STATE]: "unstarted" },
});

/**
 * Why there is no answer, by what the platform says of it. The first that matches counts: a failed
 * start may be told together with the broken connection that showed it.
 */
const CAUSES: readonly (readonly [RegExp, Problem])[] = [
  [/^(container suddenly disconnected|error proxying request)/i, LOST],
  [/no container instance|maximum number of running container instances/i, unavailable("No container is free now.", 10)],
  [/too many containers/i, unavailable("Containers are being started too fast.", 5)],
  [/no such image|image .*not (be )?found|manifest unknown|pull/i, unavailable("The container's image is not there.", 30)],
  [/crashed|exited|exit code|signalled the container/i, unavailable("The container stopped while it started.", 5)],
  [/not listening|verify port|aborted/i, unavailable("The container did not begin to listen in time.", 5)],
];

/** The problem behind the platform's text about a container that gave no answer: always a 503. */
export function containerProblem(cause: string): Problem {
  const known = CAUSES.find(([pattern]) => pattern.test(cause));
  return known ? known[1] : unavailable("The container could not be started.", 5);
}

/** The JSON body of a problem (RFC 9457). */
export function problemBody(problem: Problem, requestId: string): object {
  const title = problem.code.replaceAll("-", " ");
  return {
    type: `urn:offing:problem:${problem.code}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    remedy: problem.remedy,
    request_id: requestId,
    ...problem.members,
  };
}

/** A problem as it is answered. */
export function answerProblem(problem: Problem, requestId: string): Response {
  return new Response(JSON.stringify(problemBody(problem, requestId)), {
    status: problem.status,
    headers: {
      ...problem.headers,
      "Cache-Control": "no-store",
      "Content-Type": "application/problem+json",
      "X-Request-ID": requestId,
      [CODE]: problem.code,
    },
  });
}
