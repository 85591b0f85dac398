/** The last step: a container of the service answers. */

import type { Asked } from "./asked";
import { ended, instancesOf, placed, recalled } from "./dispatcher/place";
import type { Place } from "./dispatcher/roster";
import { ELSEWHERE, ENDED, FULL, LEASE, ROOM, START } from "./internal_headers";
import { answerProblem, containerProblem, LOST, STATE } from "./problems";
import type { Upload } from "./upload";

/** How long a refusal waits for a client that still sends, in milliseconds: it reads only when it has sent. */
const LINGER = 3_000;
/** What an answer says of a container that did none of the work. */
const GONE = ["draining", "lost"];
const UNSTARTED = "unstarted";

/**
 * Sends a request to a container of the service. Where that was going down or could not be started, the request goes
 * once more, to another one where there are several: the services compute, so that a repeated request does no harm.
 * Every failure is a 503.
 */
export async function instance(asked: Asked): Promise<Response> {
  const upload = await asked.upload();
  const isRepeatable = !upload.drop;
  const hasOthers = instancesOf(asked) > 1;
  const canElsewhere = isRepeatable && hasOthers;
  let place = (isRepeatable ? recalled(asked) : undefined) ?? (await placed(asked));
  let answer = await sent(asked, place, upload, canElsewhere);
  if (answer.headers.get(STATE) === FULL) {
    const busy = { instance: place.instance, requests: Number(answer.headers.get(ROOM)) };
    place = await placed(asked, { busy });
    answer = await sent(asked, place, upload, canElsewhere);
  }
  if (!answer.ok && upload.drop) await Promise.race([upload.drop(), scheduler.wait(LINGER)]);
  if (!isRepeatable || !mayRepeat(answer, hasOthers)) return answer;
  await answer.body?.cancel();
  return await sent(asked, hasOthers ? await placed(asked, { avoid: place.instance }) : place, upload, false);
}

/** Whether the same request, sent again, has a chance: one container that can't be started can't at once. */
function mayRepeat(answer: Response, hasOthers: boolean): boolean {
  const state = answer.headers.get(STATE) ?? "";
  return answer.status === 503 && (GONE.includes(state) || (hasOthers && state === UNSTARTED));
}

/** The answer of one container, or the problem that there is none. */
async function sent(asked: Asked, place: Place, upload: Upload, hasOthers: boolean): Promise<Response> {
  const { service, request, env, requestId, spent } = asked;
  if (!service) throw new Error("no service to ask");
  const headers = new Headers(request.headers);
  headers.set("X-Request-ID", requestId);
  headers.delete("Expect"); // the client has been told to go on
  if (place.lease) headers.set(LEASE, place.lease);
  if (place.room) headers.set(ROOM, String(place.room));
  if (hasOthers) headers.set(ELSEWHERE, "true");
  const { method, url } = request;
  const begun = Date.now();
  const binding = service.containers(env);
  const answer = await binding
    .get(binding.idFromName(place.instance))
    .fetch(new Request(url, { method, headers, body: upload.body, redirect: "manual", signal: asked.stopped }))
    .catch((error: unknown) => {
      asked.stopped.throwIfAborted();
      return failed(error, service.name, place.instance, requestId);
    });
  if (answer.headers.has(ENDED)) ended(asked, place);
  asked.instance = place.instance;
  const started = Number(answer.headers.get(START) ?? 0);
  asked.cold ||= answer.headers.has(START);
  if (started) spent.set("start", started);
  spent.set("container", (spent.get("container") ?? 0) + Date.now() - begun - started);
  return answer;
}

/** What the platform adds to an error of a call to a Durable Object. */
interface PlatformError extends Error {
  readonly retryable: boolean;
  readonly overloaded: boolean;
}

/** The answer where the Durable Object itself gave none. Its new self may: then it counts as lost. */
function failed(error: unknown, service: string, instance: string, requestId: string): Response {
  const { message = String(error), retryable = false, overloaded = false } = error as Partial<PlatformError>;
  const where = { event: "container-unavailable", service, instance };
  console.error(JSON.stringify({ ...where, cause: message, request_id: requestId }));
  return answerProblem(retryable && !overloaded ? LOST : containerProblem(message), requestId);
}
