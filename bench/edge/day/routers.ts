/** The two ways to route a day's requests: as the Worker's dispatcher does, and by chance. */

import { type News, Roster } from "../../../worker/src/dispatcher/roster";
import type { Day } from "./day";

/** Where a request goes, and who is told when its instance has started for it, and when it is answered. */
export interface Routed {
  readonly index: number;
  readonly ready: (at: number) => void;
  readonly done: (at: number) => void;
}

/** Chooses an instance for a request that comes at a time. Times are in seconds. */
export type Router = (at: number) => Routed;

const numberOf = (instance: string): number => Number(instance.slice("instance-".length));

/** The dispatcher's own roster, told what the objects of the containers tell it. Of sleeps it knows by itself. */
function dispatched(day: Day): Router {
  let now = 0;
  const roster = new Roster(() => now);
  const wish = { instances: day.instances, concurrency: day.concurrency, sleepAfterMs: day.sleepAfter * 1000 };
  const hear = (at: number, news: News): void => {
    now = at * 1000;
    roster.hear(news);
  };
  return (at) => {
    now = at * 1000;
    const { instance, lease } = roster.acquire(wish);
    return {
      index: numberOf(instance),
      ready: (ready) => hear(ready, { instance, state: "awake" }),
      done: (end) => hear(end, { instance, ended: lease ? [lease] : [] }),
    };
  };
}

/** Any of them, as the library's `getRandom` chooses: the same ones in every run (Park and Miller, CACM 31(10), 1988). */
function random(day: Day): Router {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return { index: state % day.instances, ready: () => undefined, done: () => undefined };
  };
}

export const ROUTERS: Readonly<Record<string, (day: Day) => Router>> = { dispatcher: dispatched, random };
