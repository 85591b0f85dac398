/** What is known of a service's containers: which are awake, which fail, and how many requests each has. */

import { choose } from "./choice";

/** What is asked of the roster. */
export interface Wish {
  /** How many containers there may be. */
  readonly instances: number;
  /** Requests that one takes before the next is opened. */
  readonly concurrency: number;
  /** Idle time after which a container sleeps, in milliseconds. */
  readonly sleepAfterMs: number;
  readonly key?: string | undefined;
  /** The container that just failed the request. */
  readonly avoid?: string | undefined;
  /** Leases that are known to be over. Their containers tell so too, maybe later. */
  readonly ended?: readonly string[] | undefined;
  /** A container that just said how many requests it has, of which some may not have been told. */
  readonly busy?: { readonly instance: string; readonly requests: number } | undefined;
  /** No lease where all are full: the request then goes elsewhere. */
  readonly shed?: boolean | undefined;
}

/** Where a request goes. */
export interface Place {
  readonly instance: string;
  /** What the container gives back at the request's end; undefined where nobody keeps count. */
  readonly lease: string | undefined;
  readonly full: boolean;
  /** Where the dispatcher was not asked: how many requests the container takes. */
  readonly room?: number;
}

/** What a container's object tells. */
export interface News {
  readonly instance: string;
  readonly state?: "awake" | "asleep" | "draining" | "failed" | undefined;
  /** The leases of what it still has. */
  readonly underway?: readonly string[];
  /** The leases of what has ended. */
  readonly ended?: readonly string[];
}

/** A lease that nobody renews counts so long, in milliseconds. */
export const LEASE_MS = 60_000;
/** How long a container that failed is passed over, in milliseconds: longer with each failure, up to the limit. */
const PASS_OVER = 5_000;
const PASS_OVER_LIMIT = 60_000;
/** The most leases that are kept; beyond it the oldest are forgotten. */
const LEASES_LIMIT = 100_000;
/** How long an idle container is thought awake where nobody has told it, in milliseconds. */
const SLEEP_AFTER = 60_000;

interface Instance {
  readonly name: string;
  leases: number;
  awakeUntil: number;
  isReady: boolean;
  /** Whether it was told to have ended, since a request last went to it. */
  isGone: boolean;
  failures: number;
  failingUntil: number;
}

/**
 * The roster of one service, in memory alone: a new one learns what is underway within a renewal, and until then
 * opens the containers in their order, of which the first are the likeliest to be awake.
 */
export class Roster {
  readonly #instances = new Map<string, Instance>();
  /** In the order in which they expire. */
  readonly #leases = new Map<string, { readonly instance: Instance; readonly expires: number }>();
  /** Tells this roster's leases from an earlier one's. */
  readonly #mark = crypto.randomUUID().slice(0, 8);
  #given = 0;
  #sleepAfter = SLEEP_AFTER;

  constructor(readonly now: () => number = Date.now) {}

  /** Chooses a container, and counts the request there until its lease is given back or expires. */
  acquire(wish: Wish): Place {
    const now = this.now();
    this.#expire(now);
    for (const lease of wish.ended ?? []) this.#release(lease);
    this.#sleepAfter = wish.sleepAfterMs;
    const instances = Array.from({ length: wish.instances }, (_, index) => this.#instance(`instance-${index}`));
    // Its own object tells more; where that is what failed, nobody else does.
    const avoided = instances.find(({ name }) => name === wish.avoid);
    if (avoided) avoided.failingUntil = Math.max(avoided.failingUntil, now + PASS_OVER);
    const candidates = instances.map((instance) => ({
      ...{ name: instance.name, isReady: instance.isReady, instance },
      leases: Math.max(instance.leases, instance.name === wish.busy?.instance ? wish.busy.requests : 0),
      isOpen: !instance.isGone && (instance.leases > 0 || now < instance.awakeUntil),
      isFailing: now < instance.failingUntil,
    }));
    const { chosen, full } = choose(candidates, wish);
    if (full && wish.shed) return { instance: chosen.name, lease: undefined, full };
    if (!chosen.isOpen) chosen.instance.isGone = chosen.instance.isReady = false;
    this.#given += 1;
    const lease = `${this.#mark}-${this.#given}`;
    this.#count(lease, chosen.instance, now);
    return { instance: chosen.name, lease, full };
  }

  /** Takes in what a container's object tells. */
  hear(news: News): void {
    const now = this.now();
    this.#expire(now);
    const instance = this.#instance(news.instance);
    for (const lease of news.ended ?? []) {
      if (this.#release(lease)) instance.awakeUntil = now + this.#sleepAfter;
    }
    for (const lease of news.underway ?? []) {
      this.#release(lease);
      this.#count(lease, instance, now);
    }
    if (news.state) this.#turn(instance, news.state, now);
  }

  #turn(instance: Instance, state: NonNullable<News["state"]>, now: number): void {
    instance.isReady = state === "awake";
    instance.isGone = state !== "awake";
    if (state === "awake") {
      instance.failures = instance.failingUntil = 0;
      instance.awakeUntil = now + this.#sleepAfter;
    } else if (state !== "asleep") {
      if (state === "failed") instance.failures += 1;
      const pass = PASS_OVER * 2 ** Math.max(0, instance.failures - 1);
      instance.failingUntil = now + Math.min(pass, PASS_OVER_LIMIT);
    }
  }

  #count(lease: string, instance: Instance, now: number): void {
    instance.leases += 1;
    instance.awakeUntil = now + this.#sleepAfter;
    this.#leases.set(lease, { instance, expires: now + LEASE_MS });
  }

  #release(lease: string): boolean {
    const held = this.#leases.get(lease);
    if (held) held.instance.leases -= 1;
    return this.#leases.delete(lease);
  }

  #expire(now: number): void {
    for (const [lease, { expires }] of this.#leases) {
      if (now < expires && this.#leases.size <= LEASES_LIMIT) return;
      this.#release(lease);
    }
  }

  #instance(name: string): Instance {
    let instance = this.#instances.get(name);
    if (!instance) {
      const never = { awakeUntil: 0, isReady: false, isGone: false, failures: 0, failingUntil: 0 };
      instance = { name, leases: 0, ...never };
      this.#instances.set(name, instance);
    }
    return instance;
  }
}
