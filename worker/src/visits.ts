/** What a container has to do: the requests whose answers have not been passed on to their end, and their leases. */

import type { News } from "./dispatcher/roster";
import { within } from "./within";

/** How often the dispatcher is told of what goes on, in milliseconds: often enough for a lease to outlast a miss. */
const RENEW = 20_000;
/** How long the dispatcher is waited for, in milliseconds. What it then has not heard, it finds out as leases expire. */
const PATIENCE = 5_000;

/** How long a request that came without asking may go untold, in milliseconds: those that end sooner make no news. */
const UNTOLD = 50;

/** In place of a lease: the request came without asking the dispatcher, who counts it where it takes long. */
export const UNASKED = Symbol("unasked");

/** One request. */
export interface Visit {
  /** Counts it no longer. May be called again, which changes nothing. */
  readonly end: () => void;
  /** Where all that is left is to pass on the answer: since when, until when at most, and what cuts it off then. */
  passing?: { readonly since: number; readonly until: number; readonly cut: () => void };
}

type State = NonNullable<News["state"]>;

/** The requests of one container. Their ends reach the dispatcher on the side: no answer waits for that. */
export class Visits {
  readonly #open = new Map<Visit, string | null>();
  /** Those that came without asking, and the dispatcher does not know of. */
  readonly #untold = new Set<Visit>();
  #begun: string[] = [];
  #ended: string[] = [];
  #state: State | undefined;
  #sending = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Whether a dispatcher counts what comes here. */
  #isCounted = false;

  constructor(
    readonly send: (news: Omit<News, "instance">) => Promise<void>,
    readonly renew = RENEW,
  ) {}

  get count(): number {
    return this.#open.size;
  }

  /** The answers that are passed on now; undefined where a request has none yet, or there is none at all. */
  get passing(): readonly NonNullable<Visit["passing"]>[] | undefined {
    const all = [...this.#open.keys()].flatMap(({ passing }) => passing ?? []);
    return all.length > 0 && all.length === this.#open.size ? all : undefined;
  }

  /** Counts a request until its end, which a function may be told of. */
  begin(lease: string | null | typeof UNASKED, ended: () => void): Visit {
    const visit: Visit = {
      end: () => {
        const held = this.#open.get(visit);
        if (!this.#open.delete(visit)) return;
        this.#untold.delete(visit);
        if (held && this.#begun.includes(held)) this.#begun = this.#begun.filter((each) => each !== held);
        else if (held) this.#ended.push(held);
        if (this.#open.size === 0) this.#rest();
        ended();
        this.#tell();
      },
    };
    this.#open.set(visit, lease === UNASKED ? null : lease);
    if (lease === UNASKED) {
      this.#untold.add(visit);
      setTimeout(() => this.#count(visit), UNTOLD);
    }
    this.#isCounted ||= lease !== null;
    this.#ticking ??= setInterval(() => this.#tick(), this.renew);
    return visit;
  }

  /** Tells the dispatcher of all that came without asking. */
  tellAll(): void {
    for (const visit of [...this.#untold]) this.#count(visit);
  }

  /** Gives a request that came without one a lease, if it is still there, and nobody knows of it. */
  #count(visit: Visit): void {
    if (!this.#untold.delete(visit)) return;
    const lease = crypto.randomUUID();
    this.#open.set(visit, lease);
    this.#begun.push(lease);
    this.#tell();
  }

  /** Tells the dispatcher what the container does from now on. */
  turn(state: State): void {
    this.#state = state;
    this.#tell();
  }

  #rest(): void {
    clearInterval(this.#ticking ?? null);
    this.#ticking = undefined;
  }

  #tick(): void {
    const now = Date.now();
    for (const { passing } of [...this.#open.keys()]) {
      if (passing && passing.until <= now) passing.cut();
    }
    const underway = [...this.#open.values()].filter((lease) => lease !== null);
    if (underway.length > 0) this.#tell(underway);
  }

  /** One message at a time: what happens meanwhile goes into the next. The first goes at once. */
  #tell(underway: readonly string[] = []): void {
    if (this.#sending || !this.#isCounted) return;
    const [begun, ended, state] = [this.#begun, this.#ended, this.#state];
    if (begun.length === 0 && ended.length === 0 && underway.length === 0 && !state) return;
    this.#begun = [];
    this.#ended = [];
    this.#state = undefined;
    this.#sending = true;
    within(PATIENCE, this.send({ ended, underway: [...begun, ...underway], state }))
      .catch(() => undefined)
      .finally(() => {
        this.#sending = false;
        this.#tell();
      });
  }
}
