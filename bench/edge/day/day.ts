/**
 * A day of requests on simulated instances, each routed by the dispatcher's own policy or by chance.
 *
 * Reads a {@link Day} as JSON and writes an {@link Outcome} for each routing. Times are in seconds.
 */

import { type Router, ROUTERS } from "./routers";

/** What is asked of the instances, and how they are. */
export interface Day {
  readonly requests: readonly { readonly at: number; readonly work: number }[];
  /** From a request to a sleeping instance until it works. */
  readonly start: number;
  readonly sleepAfter: number;
  readonly instances: number;
  /** How many requests one instance takes before the next is opened. */
  readonly concurrency: number;
}

export interface Outcome {
  /** Time that instances were awake, all together, until their sleep. */
  readonly awake: number;
  readonly starts: number;
  /** From each request to its answer. */
  readonly seconds: readonly number[];
}

/** What an instance makes of a request: when it can work on it, and when it has. */
interface Taken {
  readonly ready: number;
  readonly end: number;
}

/** An instance works on one request after another: its processor is what its requests share. */
class Instance {
  #busyUntil = 0;
  #awakeUntil = 0;
  awake = 0;
  starts = 0;

  constructor(readonly day: Day) {}

  take(at: number, work: number): Taken {
    const isAwake = at < this.#awakeUntil;
    const ready = isAwake ? at : at + this.day.start;
    const end = Math.max(ready, isAwake ? this.#busyUntil : ready) + work;
    this.awake += end + this.day.sleepAfter - (isAwake ? this.#awakeUntil : at);
    this.starts += isAwake ? 0 : 1;
    this.#busyUntil = end;
    this.#awakeUntil = end + this.day.sleepAfter;
    return { ready, end };
  }
}

/** What a day comes to under a routing, which learns of each start and end when it happens. */
export function simulate(day: Day, router: Router): Outcome {
  const instances = Array.from({ length: day.instances }, () => new Instance(day));
  const news: { readonly at: number; readonly tell: () => void }[] = [];
  const seconds: number[] = [];
  for (const { at, work } of day.requests) {
    news.sort((one, other) => one.at - other.at);
    while (news[0] && news[0].at <= at) news.shift()?.tell();
    const { index, ready, done } = router(at);
    const taken = instances[index]?.take(at, work) ?? { ready: NaN, end: NaN };
    if (taken.ready > at) news.push({ at: taken.ready, tell: () => ready(taken.ready) });
    news.push({ at: taken.end, tell: () => done(taken.end) });
    seconds.push(taken.end - at);
  }
  const sum = (of: (each: Instance) => number): number => instances.reduce((total, each) => total + of(each), 0);
  return { awake: sum((each) => each.awake), starts: sum((each) => each.starts), seconds };
}

let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (part: string) => (text += part));
process.stdin.on("end", () => {
  const day = JSON.parse(text) as Day;
  const told = Object.entries(ROUTERS).map(([name, router]) => [name, simulate(day, router(day))] as const);
  process.stdout.write(JSON.stringify(Object.fromEntries(told)));
});
