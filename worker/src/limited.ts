/** What one client may ask for: so many requests, of such a size, for so long. */

import type { Asked, Next } from "./asked";
import { isOpen } from "./keyed";
import { Refused, SLOW_REQUEST, TOO_MANY, TOOK_TOO_LONG, tooLarge } from "./problems";
import type { Service } from "./services";
import { positive } from "./settings";

/** Where a service's variables say nothing: the largest body, in bytes, and the longest wait for an answer, in seconds. */
const BODY_BYTES = 100_000_000;
const SECONDS = 120;

/** Refuses what is too much, before anything is woken for it and while its body comes. */
export async function limited(asked: Asked, next: Next): Promise<Response> {
  const { service, request, env, incoming } = asked;
  if (!service) return next();
  const limit = positive(setting(env, service, "MAX_BODY_BYTES"), BODY_BYTES);
  const announced = Number(request.headers.get("Content-Length") ?? 0);
  if (announced > limit) throw new Refused(tooLarge(limit, announced));
  if (!isOpen(asked)) await counted(asked);

  const { promise: refused, reject } = Promise.withResolvers<never>();
  incoming.limit = limit;
  incoming.tooLarge = (size) => reject(new Refused(tooLarge(limit, size)));
  const late = (): void => reject(new Refused(incoming.isAwaited ? SLOW_REQUEST : TOOK_TOO_LONG));
  const timer = setTimeout(late, 1000 * positive(setting(env, service, "REQUEST_SECONDS"), SECONDS));
  try {
    return await Promise.race([next(), refused]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long a key whose last request was within the limit passes without waiting for its count, in milliseconds. */
const FRESH = 1_000;
/** Of how many keys an isolate remembers that. */
const REMEMBERED = 10_000;
/** Until when each of them passes so, in milliseconds since the epoch. */
const passing = new Map<string, number>();

/** How long after such a request it is counted, in milliseconds: most have been answered by then. */
const LATER = 20;

/**
 * Counts a request for its key, or for its client's address where no keys are asked for. A client that keeps asking is
 * not made to wait for the counter: its next request learns of it, which the platform's counts are too rough to notice.
 */
async function counted({ env, ctx, caller, request, requestId }: Asked): Promise<void> {
  const counter = env.RATE_LIMIT;
  if (!counter) return;
  const key = caller ? `key ${caller}` : `from ${network(request.headers.get("CF-Connecting-IP") ?? "")}`;
  if ((passing.get(key) ?? 0) > Date.now()) {
    ctx.waitUntil(scheduler.wait(LATER).then(() => isWithin(counter, key, requestId)));
  } else if (!(await isWithin(counter, key, requestId))) {
    throw new Refused(TOO_MANY);
  }
}

async function isWithin(counter: RateLimit, key: string, requestId: string): Promise<boolean> {
  try {
    const { success } = await counter.limit({ key });
    if (passing.size >= REMEMBERED) passing.clear();
    if (success) passing.set(key, Date.now() + FRESH);
    else passing.delete(key);
    return success;
  } catch (error) {
    // A counter that fails is no reason to serve nobody.
    console.error(JSON.stringify({ event: "rate-limit-failed", cause: String(error), request_id: requestId }));
    return true;
  }
}

/** What an address counts for: of IPv6 its network of 64 bits, out of which one client has every address. */
export function network(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [left = [], right] = address.split("::").map((half) => (half ? half.split(":") : []));
  const zeros = right ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0") : [];
  return [...left, ...zeros, ...(right ?? [])].slice(0, 4).join(":");
}

const setting = (env: Env, { name }: Service, what: "MAX_BODY_BYTES" | "REQUEST_SECONDS"): string | undefined =>
  env[`${name.toUpperCase() as "INSIGHTS" | "OCR" | "XET"}_${what}`];
