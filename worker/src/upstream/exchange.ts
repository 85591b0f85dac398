/** A request to a backend and its answer: what of each goes on, and which answers count as none. */

import type { Asked } from "../asked";
import { CODE } from "../internal_headers";
import { BAD_REQUEST, Refused } from "../problems";
import type { Upload } from "../upload";
import type { Place } from "./place";

/** An answer of at most so many bytes is taken whole: where it breaks off, another can still be asked for. */
const WHOLE = 1024 * 1024;

/**
 * What of a request's head goes on. Everything else stays here, above all the caller's X-API-Key, which is a key
 * to this Worker: the backend's has its own.
 */
const SENT = [
  ...["Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Type", "Range", "User-Agent"],
  ...["If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since"],
];

/** What goes on to one service besides: by a hub's token its caller may read what others may not. */
const SENT_TO: Readonly<Record<string, readonly string[]>> = { xet: ["Authorization"] };

/** What of an answer's head is not for the client: what the Worker says itself, or concerns it alone. */
const UNSAID = [
  ...["Set-Cookie", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"],
  ...["Server", "Via", CODE],
];

/**
 * The answer of a backend, or why it counts as none. Throws a {@link Refused} where the client hangs up.
 *
 * A body that still comes from the client takes as long as it takes; the limit is for those that are here.
 */
export async function exchange(place: Place, asked: Asked, upload: Upload): Promise<Response | string> {
  const { method, signal } = asked.request;
  const late = new AbortController();
  const timer = upload.drop ? null : setTimeout(() => late.abort(), place.patience);
  try {
    const answer = await fetch(target(place, asked.request.url), {
      method,
      headers: sent(place, asked),
      body: upload.body,
      redirect: "manual",
      signal: AbortSignal.any([signal, asked.stopped, late.signal]),
    });
    const fault = faultOf(answer, place, asked);
    if (!fault) return passed(await whole(answer, method), place, asked);
    await answer.body?.cancel();
    return fault;
  } catch (error) {
    // That is no fault of the backend's.
    asked.stopped.throwIfAborted();
    if (signal.aborted) throw new Refused(BAD_REQUEST);
    return late.signal.aborted ? "no answer in time" : `no connection: ${String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}

/** The same path and query under the backend's address, whatever the path looks like. */
function target({ url }: Place, asked: string): URL {
  const { pathname, search } = new URL(asked);
  const found = new URL(url);
  found.pathname = base(url) + pathname;
  found.search = search;
  return found;
}

const base = (url: URL): string => url.pathname.replace(/\/+$/, "");

function sent({ key }: Place, { request, requestId, service }: Asked): Headers {
  const headers = new Headers({ "X-Request-ID": requestId });
  for (const name of [...SENT, ...(SENT_TO[service?.name ?? ""] ?? [])]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (key) headers.set("X-API-Key", key);
  return headers;
}

/** Why an answer counts as none; undefined where it is the service's. */
function faultOf(answer: Response, place: Place, { requestId }: Asked): string | undefined {
  const { status, headers } = answer;
  // The service marks each answer so. What lacks it is of something before it: a proxy, a login page.
  if (headers.get("X-Request-ID") !== requestId) return `an answer (${status}) that is not the service's`;
  if (status >= 500 || status === 429) return `status ${status}`;
  // The key that the backend wants is not the caller's business.
  if (status === 401 && /^apikey/i.test(headers.get("WWW-Authenticate") ?? "")) return "the backend wants another key";
  const leads = headers.get("Location");
  return leads === null || local(leads, place) !== undefined ? undefined : `a redirect (${status}) elsewhere`;
}

/** An address of the backend as a path, which it is here as well; undefined for any other. */
function local(address: string, { url }: Place): string | undefined {
  const found = URL.parse(address, url);
  if (found?.host !== url.host) return undefined;
  // A service behind a proxy does not know what its path begins with elsewhere.
  const isBelow = found.pathname.startsWith(`${base(url)}/`);
  return (isBelow ? found.pathname.slice(base(url).length) : found.pathname) + found.search + found.hash;
}

async function whole(answer: Response, method: string): Promise<Response> {
  const length = Number(answer.headers.get("Content-Length") ?? Infinity);
  const isBodiless = !answer.body || method === "HEAD" || answer.status === 304;
  if (isBodiless || length > WHOLE || answer.headers.has("Content-Encoding")) return answer;
  return new Response(await answer.arrayBuffer(), answer);
}

/** The answer as the client gets it: no word in it of where the backend is. */
function passed(answer: Response, place: Place, { request }: Asked): Response {
  const ours = new Response(answer.body, answer);
  for (const name of UNSAID) ours.headers.delete(name);
  const leads = answer.headers.get("Location");
  if (leads !== null) ours.headers.set("Location", local(leads, place) ?? "/");
  const { origin } = new URL(request.url);
  const link = answer.headers.get("Link")?.replaceAll(/<([^>]*)>/g, (whole, address: string) => {
    const path = local(address, place);
    return path === undefined ? whole : `<${origin}${path}>`;
  });
  if (link !== undefined) ours.headers.set("Link", link);
  return ours;
}
