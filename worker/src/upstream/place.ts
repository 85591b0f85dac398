/** A service's own backend, as the variables name it: where it is, and which requests are meant for it. */

import type { Service } from "../services";

export interface Place {
  /** Its address, whose path begins every path that is asked for there. */
  readonly url: URL;
  /** The key that the backend asks for, sent as X-API-Key. */
  readonly key: string | undefined;
  /** The share of the requests that go there, from 0 to 1. */
  readonly share: number;
  /** Whether only those requests go there for which no instance is free. */
  readonly isOverflow: boolean;
  /** How long it may take to begin its answer, in milliseconds. */
  readonly patience: number;
}

const SECONDS = 30;
const NEAR = ["localhost", "127.0.0.1", "[::1]"];
/** Mistakes that have been told, so that the log has each once. */
const told = new Set<string>();

/** The backend of a service, or undefined where none is named, or what is named can't be used. */
export function placeOf(service: Service, env: Env): Place | undefined {
  const prefix = `${service.name.toUpperCase()}_UPSTREAM`;
  const given = read(env, prefix);
  if (!given) return undefined;
  const url = usable(given);
  const share = Number(read(env, `${prefix}_SHARE`) || 1);
  const patience = Number(read(env, `${prefix}_SECONDS`) || SECONDS) * 1000;
  if (!url) return mistaken(prefix, "it must be an https URL without a user, a query or a fragment");
  if (!(share >= 0 && share <= 1)) return mistaken(`${prefix}_SHARE`, "it must be a number from 0 to 1");
  if (!(patience > 0 && patience <= 900_000)) return mistaken(`${prefix}_SECONDS`, "it must be above 0, at most 900");
  const key = read(env, `${prefix}_KEY`) || undefined;
  return { url, key, share, isOverflow: read(env, `${prefix}_OVERFLOW`) === "true", patience };
}

function read(env: Env, name: string): string {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" ? value.trim() : "";
}

/** What is sent there is the callers' own, so that it goes by TLS; without it to this machine alone. */
function usable(given: string): URL | undefined {
  const url = URL.parse(given);
  if (!url || url.username || url.password || url.search || url.hash) return undefined;
  return url.protocol === "https:" || (url.protocol === "http:" && NEAR.includes(url.hostname)) ? url : undefined;
}

function mistaken(name: string, cause: string): undefined {
  if (!told.has(name)) console.error(JSON.stringify({ event: "upstream-mistaken", variable: name, cause }));
  told.add(name);
}
