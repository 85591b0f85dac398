/** CORS without credentials (Fetch standard, section 3.2), by the rules of the services: no cookie is used. */

import { list } from "./settings";

export const METHODS = "GET, HEAD, POST, DELETE";
export const EXPOSED =
  "X-Request-ID, Server-Timing, Retry-After, Location, ETag, Content-Range, X-Repo-Commit, X-Offing-Verified";
export const PREFLIGHT_SECONDS = 86400;
const ANY = "*";

/** Which origins' pages may read the answers. */
export const origins = (env: Env): readonly string[] => list(env.OFFING_CORS_ORIGINS, [ANY]);

/** Whether pages of every origin may. */
export const isForAll = (allowed: readonly string[]): boolean => allowed.includes(ANY);

/** Whether a browser asks what it may send, before it sends it. */
export const isPreflight = ({ method, headers }: Request): boolean =>
  method === "OPTIONS" && headers.has("Origin") && headers.has("Access-Control-Request-Method");

/** The answer to a preflight. An origin that may not read is told nothing, and the browser stops. */
export function preflight({ headers }: Request, allowed: readonly string[]): Response {
  const told = new Headers({
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": headers.get("Access-Control-Request-Headers") ?? "*",
    "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
    Vary: "Origin, Access-Control-Request-Headers",
  });
  allow(told, headers.get("Origin"), allowed);
  return new Response(null, { status: 204, headers: told });
}

/** Says in an answer's headers who may read it, whatever they said of that before. */
export function readable(headers: Headers, origin: string | null, allowed: readonly string[]): void {
  for (const name of ["Allow-Origin", "Allow-Credentials", "Expose-Headers"]) headers.delete(`Access-Control-${name}`);
  if (origin === null && isForAll(allowed)) return;
  allow(headers, origin, allowed);
  headers.set("Access-Control-Expose-Headers", EXPOSED);
  if (!isForAll(allowed)) vary(headers, "Origin");
}

function allow(headers: Headers, origin: string | null, allowed: readonly string[]): void {
  const told = isForAll(allowed) ? ANY : origin;
  if (told !== null && allowed.includes(told)) headers.set("Access-Control-Allow-Origin", told);
}

/** Adds a name to `Vary` that is not there yet. */
function vary(headers: Headers, name: string): void {
  const there = (headers.get("Vary") ?? "").split(",").map((each) => each.trim().toLowerCase());
  if (!there.includes(name.toLowerCase()) && !there.includes("*")) headers.append("Vary", name);
}
