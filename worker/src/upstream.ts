/** The hybrid step: a backend of the deployer's own answers a share of the requests, or those that are too many. */

import type { Asked, Next } from "./asked";
import { isFull } from "./dispatcher/place";
import { Refused, UPSTREAM_FAILED } from "./problems";
import { Breaker } from "./upstream/breaker";
import { exchange } from "./upstream/exchange";
import { type Place, placeOf } from "./upstream/place";

/** How long a refusal waits for a client that still sends, in milliseconds: it reads only when it has sent. */
const LINGER = 3_000;

const breaker = new Breaker();

/** Asks the backend for what is meant for it, and hands on to the container what it fails at. */
export async function upstream(asked: Asked, next: Next): Promise<Response> {
  const { service, env, spent, requestId } = asked;
  const place = service && placeOf(service, env);
  if (!place || isProbe(asked) || !(await isMeant(place, asked))) return next();
  const upload = await asked.upload();
  if (!breaker.lets(place.url.href, !upload.drop)) return next();

  const begun = Date.now();
  const answer = await exchange(place, asked, upload);
  spent.set("upstream", Date.now() - begun);
  const hasFailed = typeof answer === "string";
  // What is refused before all of it was read is read to its end, or the client would not see the answer.
  if (upload.drop && (hasFailed || !answer.ok)) await Promise.race([upload.drop(), scheduler.wait(LINGER)]);
  if (!hasFailed) {
    breaker.answered(place.url.href);
    asked.instance = "upstream";
    return answer;
  }
  breaker.failed(place.url.href);
  console.error(JSON.stringify({ event: "upstream-failed", service: service.name, cause: answer, request_id: requestId }));
  if (upload.drop) throw new Refused(UPSTREAM_FAILED);
  return next();
}

/** Whether what is asked is how the container is. */
const isProbe = ({ path, service }: Asked): boolean =>
  ["health", "livez", "readyz"].some((each) => path === `/${service?.name}/${each}`);

async function isMeant({ isOverflow, share }: Place, asked: Asked): Promise<boolean> {
  // Asking who is full starts nothing, and takes a place only where there is one.
  if (isOverflow) return await isFull(asked);
  return share === 1 || (await portion(asked.requestId)) < share;
}

/** Where in [0, 1) a request falls: the same one always at the same place. */
async function portion(requestId: string): Promise<number> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(requestId));
  return new DataView(digest).getUint32(0) / 2 ** 32;
}
