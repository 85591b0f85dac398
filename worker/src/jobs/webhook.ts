/** Tells a URL of a finished job, signed as Standard Webhooks (standardwebhooks.com) has it. */

import { version } from "../../package.json";

/** The pauses between one call and the next, in milliseconds: longer than a call may take. */
const PAUSES = [15_000, 60_000, 300_000, 1_800_000];
const LIMIT = 10_000;
const LONGEST = 2_048;
const SECRET = "whsec_";
/** In bytes, as Standard Webhooks has them. */
const SHORTEST_KEY = 24;
const LONGEST_KEY = 64;
/** Names that no public resolver knows (RFC 6761, RFC 6762, RFC 8375, and what clouds use inside). */
const INSIDE = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|arpa|test|invalid|onion)$/;

/** The pause before the next call after so many, in milliseconds; undefined where there is none any more. */
export const pauseAfter = (calls: number): number | undefined => PAUSES[calls - 1];

/** The key that webhooks are signed with: base64 behind "whsec_". Undefined where there is none that can be read. */
export function webhookKey(env: Env): Uint8Array<ArrayBuffer> | undefined {
  const given = env.OFFING_JOBS_WEBHOOK_KEY?.trim();
  if (!given?.startsWith(SECRET)) return undefined;
  try {
    const key = Uint8Array.from(atob(given.slice(SECRET.length)), (character) => character.charCodeAt(0));
    return key.length >= SHORTEST_KEY && key.length <= LONGEST_KEY ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The URL where a webhook may be sent there: https, to a name that the public can resolve. The platform reaches no
 * private network, so the name is all that has to be looked at.
 */
export function webhookUrl(given: string): string | undefined {
  const url = given.length <= LONGEST && URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== "https:" || url.username || url.password) return undefined;
  const name = url.hostname.replace(/\.$/, "").toLowerCase();
  // A host that ends in a number is an IPv4 address in one of its spellings, and one with a colon IPv6.
  if (!name.includes(".") || name.includes(":") || /(^|\.)\d+$/.test(name) || INSIDE.test(name)) return undefined;
  return url.href;
}

/** Calls a webhook once. True where the answer is 2xx within 10 s; a redirect is none. */
export async function callWebhook(
  url: string,
  key: Uint8Array<ArrayBuffer>,
  id: string,
  body: string,
): Promise<boolean> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    "Content-Type": "application/json",
    "User-Agent": `offing/${version}`,
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${await signature(key, `${id}.${timestamp}.${body}`)}`,
  };
  try {
    const signal = AbortSignal.timeout(LIMIT);
    const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

async function signature(key: Uint8Array<ArrayBuffer>, text: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  const signed = new Uint8Array(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...signed));
}
