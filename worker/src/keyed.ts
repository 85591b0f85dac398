/** API keys: where hashes of keys are set, only who shows one of those keys gets to a service. */

import type { Asked, Next } from "./asked";
import { BAD_SETTING, Refused, UNAUTHORIZED } from "./problems";
import { list } from "./settings";

const HEADER = "X-API-Key";
const SETTING = "OFFING_API_KEYS";
/** What every service answers under its own name to everyone. */
const OPEN_PATHS = ["/livez", "/readyz", "/health"];
/** How much of a hash is the id of its key, in bytes: enough to tell keys apart, and no help in finding one. */
const ID_BYTES = 6;
const HASH = /^sha256:[0-9a-f]{64}$/;

/** Lets a request to a service through that shows a known key, and says whose it is. */
export async function keyed(asked: Asked, next: Next): Promise<Response> {
  const hashes = isOpen(asked) ? [] : known(asked.env.OFFING_API_KEYS);
  if (!hashes) {
    // The value is a secret, and so may be what is wrong with it.
    console.error(JSON.stringify({ event: "bad-setting", setting: SETTING, request_id: asked.requestId }));
    throw new Refused(BAD_SETTING);
  }
  if (hashes.length === 0) return next();
  const key = new TextEncoder().encode(asked.request.headers.get(HEADER) ?? "");
  const offered = new Uint8Array(await crypto.subtle.digest("SHA-256", key));
  if (!isAmong(offered, hashes)) throw new Refused(UNAUTHORIZED);
  asked.caller = hex(offered.subarray(0, ID_BYTES));
  return next();
}

/** Whether a path needs no key, and is not counted: health, of the Worker and of each service. */
export const isOpen = ({ path, service }: Asked): boolean =>
  !service || OPEN_PATHS.some((each) => path === `/${service.name}${each}`);

/** Takes the same time whichever it is: each comparison does, and none is left out. */
function isAmong(offered: Uint8Array, hashes: readonly Uint8Array[]): boolean {
  let found = false;
  for (const each of hashes) if (crypto.subtle.timingSafeEqual(offered, each)) found = true;
  return found;
}

let read: { readonly text: string; readonly hashes: readonly Uint8Array[] | undefined } = { text: "", hashes: [] };

/** The hashes of the setting, read once an isolate; undefined where it holds anything else. */
function known(text: string | undefined): readonly Uint8Array[] | undefined {
  if (read.text !== (text ?? "")) read = { text: text ?? "", hashes: hashesOf(text) };
  return read.hashes;
}

function hashesOf(text: string | undefined): readonly Uint8Array[] | undefined {
  const parts = list(text, []);
  return parts.every((part) => HASH.test(part)) ? parts.map((part) => bytes(part.slice("sha256:".length))) : undefined;
}

const hex = (data: Uint8Array): string => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

const bytes = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
