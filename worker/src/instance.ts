/** The last step: a container of the service answers. */

import { getRandom } from "@cloudflare/containers";
import type { Asked } from "./asked";
import { mayRepeat } from "./container";
import { answerProblem, containerProblem, LOST } from "./problems";

/** How long a refusal waits for a client that still sends, in milliseconds: it reads only when it has sent. */
const LINGER = 3_000;

/**
 * Sends a request to a container of the service, a second time where the first met a container that was
 * going down: the services compute, so that a repeated request does no harm. Every failure is a 503.
 */
export async function instance(asked: Asked): Promise<Response> {
  const { service, request, env, requestId } = asked;
  if (!service) throw new Error("no service to ask");
  const container = await getRandom(service.containers(env), service.instances(env));
  const headers = new Headers(request.headers);
  headers.set("X-Request-ID", requestId);
  headers.delete("Expect"); // the client has been told to go on
  const { method, url } = request;
  const send = (body: BodyInit | null): Promise<Response> =>
    container
      .fetch(new Request(url, { method, headers, body, redirect: "manual" }))
      .catch((error: unknown) => failed(error, requestId));

  const upload = await asked.upload();
  const answer = await send(upload.body);
  if (!answer.ok && upload.drop) await Promise.race([upload.drop(), scheduler.wait(LINGER)]);
  if (upload.drop || !mayRepeat(answer)) return answer;
  await answer.body?.cancel();
  return await send(upload.body);
}

/** What the platform adds to an error of a call to a Durable Object. */
interface PlatformError extends Error {
  readonly retryable: boolean;
  readonly overloaded: boolean;
}

/** The answer where the Durable Object itself gave none. Its new self may: then it counts as lost. */
function failed(error: unknown, requestId: string): Response {
  const { message = String(error), retryable = false, overloaded = false } = error as Partial<PlatformError>;
  console.error(JSON.stringify({ event: "container-unavailable", cause: message, request_id: requestId }));
  return answerProblem(retryable && !overloaded ? LOST : containerProblem(message), requestId);
}
