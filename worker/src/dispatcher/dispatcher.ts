/** The Durable Object that spreads the requests of one service over its containers. */

import { DurableObject } from "cloudflare:workers";
import { type News, type Place, Roster, type Wish } from "./roster";

/** One a service. What it knows is in its memory: a new one starts with nothing, and learns. */
export class Dispatcher extends DurableObject<Env> {
  readonly #roster = new Roster();

  /** A place for a request, with a lease that the container's object gives back. */
  acquire(wish: Wish): Place {
    return this.#roster.acquire(wish);
  }

  /** Takes in what the object of a container tells. */
  hear(news: News): void {
    this.#roster.hear(news);
  }
}
