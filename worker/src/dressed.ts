/** The headers that every answer gets, whoever made it. */

import type { Asked, Next } from "./asked";
import { isForAll, isPreflight, origins, preflight, readable } from "./cors";
import { CODE, INTERNAL_PREFIX } from "./internal_headers";

/** What begins as an internal header does, and is meant for clients. */
const PUBLIC = "x-offing-verified";
/** What an answer of a service that a browser shows as a page may do, where it does not say itself: nothing. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";
/** How long browsers ask by https only, in seconds. */
const HTTPS_ONLY = "max-age=31536000";
/** The statuses of answers that have no body, for which a body may not even be named (Fetch standard, section 2.2.3). */
const WITHOUT_BODY = [204, 205, 304];

/**
 * Answers preflights, and gives every answer its request id, timings, security headers, and what CORS asks for. The
 * body passes as it is: it is the runtime that moves it.
 */
export async function dressed(asked: Asked, next: Next): Promise<Response> {
  const { request } = asked;
  const allowed = origins(asked.env);
  const bare = isPreflight(request) ? preflight(request, allowed) : await next();
  const answer = new Response(WITHOUT_BODY.includes(bare.status) ? null : bare.body, bare);
  const { headers } = answer;
  asked.code ??= headers.get(CODE) ?? undefined;
  for (const name of [...headers.keys()]) if (isInternal(name)) headers.delete(name);
  if (!isPreflight(request)) readable(headers, request.headers.get("Origin"), allowed);
  secure(headers, asked, isForAll(allowed));
  headers.set("X-Request-ID", asked.requestId);
  headers.set("Server-Timing", timing(asked, headers.get("Server-Timing")));
  return answer;
}

const isInternal = (name: string): boolean => name.startsWith(INTERNAL_PREFIX) && name !== PUBLIC;

function secure(headers: Headers, { request, service }: Asked, isForEveryPage: boolean): void {
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  // A page that reads by CORS is not concerned, only one that embeds.
  headers.set("Cross-Origin-Resource-Policy", isForEveryPage ? "cross-origin" : "same-origin");
  if (request.url.startsWith("https:")) headers.set("Strict-Transport-Security", HTTPS_ONLY);
  const isData = service !== undefined || /[/+]json\b/.test(headers.get("Content-Type") ?? "");
  if (isData && !headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", NOTHING);
}

/**
 * The parts of the way, then those that the service told of, in milliseconds (Server-Timing, W3C). `edge` is what
 * none of the others took: they add up to the time until the answer's head left the Worker.
 */
function timing({ begun, spent }: Asked, told: string | null): string {
  const others = [...spent.values()].reduce((sum, each) => sum + each, 0);
  const parts = [["edge", Math.max(0, Date.now() - begun - others)] as const, ...spent];
  const ours = parts.map(([name, milliseconds]) => `${name};dur=${Number(milliseconds.toFixed(2))}`).join(", ");
  return told ? `${ours}, ${told}` : ours;
}
