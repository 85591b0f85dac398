/** How the Worker finds the container for a request. */

import type { Asked } from "../asked";
import { within } from "../within";
import type { Dispatcher } from "./dispatcher";
import { fileKey } from "./file_key";
import type { Place, Wish } from "./roster";
import { type Spread, spreadOf } from "./spread";

/** The longest that the dispatcher may take, in milliseconds. After it any container is better than waiting. */
const PATIENCE = 250;
/** How often at most an isolate tells that the dispatcher fails, in milliseconds. */
const TELL_EVERY = 60_000;
let toldAt = -Infinity;

/** How long an isolate sends a service's requests where the dispatcher had the last one go, in milliseconds. */
const KEEP_TO = 1_000;
/** Where that was, by the service's name, and until when it holds. */
const recent = new Map<string, { readonly instance: string; readonly until: number }>();

/**
 * The container that the dispatcher had this service's last request go to, and how many requests it takes: so a
 * request spares itself a way that may be long. The container's object says where there is no room, so that only
 * what can be sent again may go there unasked. A file of Xet has its own container.
 */
export function recalled(asked: Asked): Place | undefined {
  const { spread, isCounted } = terms(asked);
  const last = recent.get(spread.service);
  if (!isCounted || asked.place || !last || Date.now() > last.until) return undefined;
  return { instance: last.instance, lease: undefined, full: false, room: spread.concurrency };
}

/** The most leases that an isolate keeps to tell of; those beyond are told by their containers alone. */
const ENDED_LIMIT = 100;
/** Leases that are over, by the service's name: the next question to the dispatcher tells of them. */
const over = new Map<string, string[]>();

/** Takes note that the answer is here whose container was given with a lease. */
export function ended({ service }: Asked, { lease }: Place): void {
  if (!service || !lease) return;
  const leases = over.get(service.name) ?? [];
  if (leases.length < ENDED_LIMIT) over.set(service.name, [...leases, lease]);
}

/** What a request has met already: a container that failed it, or one without room. */
type Known = Pick<Wish, "avoid" | "busy">;

/** The container for a request, and where it failed that, another one. Never throws. */
export async function placed(asked: Asked, how: Known = {}): Promise<Place> {
  const { spread, isCounted } = terms(asked);
  const kept = asked.place;
  asked.place = undefined;
  recent.delete(spread.service);
  if (kept && how.avoid === undefined) return kept;
  if (!isCounted) return anywhere(spread, how.avoid);
  return await dispatched(asked, spread, how);
}

/**
 * Whether the containers of a request's service have all the requests that they should. Where they have not, the
 * request has its place from here on: {@link placed} gives it. Where nobody keeps count, they are never full.
 */
export async function isFull(asked: Asked): Promise<boolean> {
  const { spread } = terms(asked);
  if (spread.routing === "random") return false;
  const place = await dispatched(asked, spread, { shed: true });
  if (!place.full) asked.place = place;
  return place.full;
}

/** How many containers share the requests of a request's service. */
export const instancesOf = (asked: Asked): number => terms(asked).spread.instances;

function terms({ service, env }: Asked): { spread: Spread; isCounted: boolean } {
  if (!service) throw new Error("no service to ask");
  const spread = spreadOf(service, env);
  // With one container there is nothing to choose, and nobody to know whether it is full.
  return { spread, isCounted: spread.routing === "fill-first" && (spread.instances > 1 || spread.overflows) };
}

async function dispatched(asked: Asked, spread: Spread, how: Known & { shed?: boolean }): Promise<Place> {
  const { service, env, request, spent, ctx } = asked;
  if (!service) throw new Error("no service to ask");
  const begun = Date.now();
  const { instances, concurrency, sleepAfterMs } = spread;
  const key = service.name === "xet" ? fileKey(new URL(request.url)) : undefined;
  const dispatcher = env.DISPATCHER.get(env.DISPATCHER.idFromName(service.name));
  // What is asked of it comes back as a promise also where the stub itself fails.
  const told = { ended: over.get(service.name) };
  over.delete(service.name);
  const asking = (async () => dispatcher.acquire({ instances, concurrency, sleepAfterMs, key, ...told, ...how }))();
  try {
    const place = await within(PATIENCE, asking);
    if (!place.full && key === undefined) {
      recent.set(service.name, { instance: place.instance, until: Date.now() + KEEP_TO });
    }
    return place;
  } catch (error) {
    tell(service.name, error);
    ctx.waitUntil(asking.then((place) => giveBack(dispatcher, place)).catch(() => undefined));
    return anywhere(spread, how.avoid);
  } finally {
    spent.set("dispatch", (spent.get("dispatch") ?? 0) + Date.now() - begun);
  }
}

/** A lease that came too late counts for nothing. */
async function giveBack(dispatcher: DurableObjectStub<Dispatcher>, { instance, lease }: Place): Promise<void> {
  if (lease) await dispatcher.hear({ instance, ended: [lease] });
}

/** Any container, but not the one that failed where there is another. */
function anywhere({ instances }: Spread, avoid?: string): Place {
  const all = Array.from({ length: instances }, (_, index) => `instance-${index}`);
  const others = all.length > 1 ? all.filter((name) => name !== avoid) : all;
  const instance = others[Math.floor(Math.random() * others.length)] ?? "instance-0";
  return { instance, lease: undefined, full: false };
}

function tell(service: string, error: unknown): void {
  if (Date.now() < toldAt + TELL_EVERY) return;
  toldAt = Date.now();
  console.error(JSON.stringify({ event: "dispatcher-failed", service, cause: String(error) }));
}
