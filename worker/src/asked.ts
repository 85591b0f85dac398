/** One request on its way through the Worker, and the steps that it goes through. */

import type { Place } from "./dispatcher/roster";
import { Incoming } from "./incoming";
import { BAD_REQUEST, type Problem, Refused, SLOW_REQUEST } from "./problems";
import { isDeployed, ownerOf, type Service } from "./services";
import { hold, type Upload } from "./upload";

/** A request as the steps see it. What one step finds out for a later one has its place here. */
export class Asked {
  readonly begun = Date.now();
  readonly requestId: string;
  readonly path: string;
  /** The service that the path belongs to, where it belongs to one that is deployed. */
  readonly service: Service | undefined;
  /** Who asks: the id of the API key that was shown, where keys are asked for. */
  caller: string | undefined;
  /** The code of the problem that is answered, where the Worker or its Durable Objects made it. */
  code: string | undefined;
  /** The body as it comes, for who limits it. A step reads it by {@link upload}. */
  readonly incoming: Incoming;
  /** Where the dispatcher has kept it a place, until the container is asked. */
  place: Place | undefined;
  /** The container that answered, and whether it had to be started for that. */
  instance: string | undefined;
  cold = false;
  /** How long the parts of the way took, in milliseconds, by the names that Server-Timing gives them. */
  readonly spent = new Map<string, number>();
  readonly #stop = new AbortController();
  #upload: Promise<Upload> | undefined;

  constructor(
    readonly request: Request,
    readonly env: Env,
    readonly ctx: ExecutionContext,
  ) {
    this.requestId = sane(request.headers.get("X-Request-ID")) ?? crypto.randomUUID();
    this.incoming = new Incoming(request);
    this.path = new URL(request.url).pathname;
    const owner = ownerOf(this.path);
    this.service = owner && isDeployed(owner, env) ? owner : undefined;
  }

  /** The body, read once however many steps ask for it. Throws a {@link Refused} where the client breaks off. */
  upload(): Promise<Upload> {
    this.#upload ??= hold(this.incoming).catch(() => Promise.reject(new Refused(BAD_REQUEST)));
    return this.#upload;
  }

  /** Aborted where the request is refused while a later step works on it: what that step has asked for ends then. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends what is done for the request, which has been refused with a problem. */
  async refuse(problem: Problem): Promise<void> {
    this.#stop.abort(new Refused(problem));
    await this.incoming.refuse(problem === SLOW_REQUEST);
  }

  /** Gives back what was held for the request. */
  async end(): Promise<void> {
    (await this.#upload?.catch(() => undefined))?.release();
  }
}

/** What comes after a step: the rest of the way. */
export type Next = () => Promise<Response>;

/** A step answers, or hands on and may change the answer that comes back. */
export type Step = (asked: Asked, next: Next) => Promise<Response>;

/** Sends a request through the steps, in their order. The last one has to answer. */
export function through(steps: readonly Step[], asked: Asked): Promise<Response> {
  const from = (index: number): Promise<Response> => {
    const step = steps[index];
    if (!step) throw new Error("no step answered");
    return step(asked, () => from(index + 1));
  };
  return from(0);
}

const sane = (id: string | null): string | undefined => (id && /^[A-Za-z0-9._-]{1,64}$/.test(id) ? id : undefined);
