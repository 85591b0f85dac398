/** What the Worker and the container's Durable Object tell each other. None of it comes from a client or goes to one. */

/** The dispatcher's lease on a place, which the object gives back when the answer has ended. */
export const LEASE = "X-Offing-Lease";
/**
 * On a request that was sent without asking the dispatcher: how many requests the container takes. Where it has them,
 * or sleeps, the object answers {@link FULL} at once, and here how many it has.
 */
export const ROOM = "X-Offing-Room";
/** The state of a container that takes no request without a place. */
export const FULL = "full";
/** Says of an answer that all of it is here, so that its lease is free. */
export const ENDED = "X-Offing-Ended";
/** Says that the request can go to another container: an answer that none could be had is wanted at once. */
export const ELSEWHERE = "X-Offing-Elsewhere";
/** How long the container took to start, in milliseconds, where it was started for the request. */
export const START = "X-Offing-Start";
/** The code of a problem that the Worker or its Durable Objects made, for what is seen of the request. */
export const CODE = "X-Offing-Code";
/** What all of them begin with. */
export const INTERNAL_PREFIX = "x-offing-";
