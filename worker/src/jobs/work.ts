/** What an attempt at a job has before it, and what it can come to. */

import type { Asked } from "../asked";
import type { Failure, Result } from "./record";

/** Sends a request on to the service: the rest of its way, without what is for clients. */
export type Send = (asked: Asked) => Promise<Response>;

export interface Desk {
  readonly id: string;
  readonly attempt: number;
  readonly requestId: string;
  readonly store: R2Bucket;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  readonly send: Send;
  /** Says that nobody waits for the outcome any more. */
  readonly signal: AbortSignal;
}

/** A result that lies in the store; a refusal; or nothing, to be tried again in so many milliseconds at least. */
export type Outcome = { readonly result: Result } | { readonly failure: Failure } | { readonly again: number };
