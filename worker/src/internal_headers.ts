/** What the Worker and the container's Durable Object tell each other. None of it comes from a client or goes to one. */

/** The dispatcher's lease on a place, which the object gives back when the answer has ended. */
export const LEASE = "X-Offing-Lease";
/** Says that the request can go to another container: an answer that none could be had is wanted at once. */
export const ELSEWHERE = "X-Offing-Elsewhere";
/** How long the container took to start, in milliseconds, where it was started for the request. */
export const START = "X-Offing-Start";
/** The code of a problem that the Worker or its Durable Objects made, for what is seen of the request. */
export const CODE = "X-Offing-Code";
/** What all of them begin with. */
export const INTERNAL_PREFIX = "x-offing-";
