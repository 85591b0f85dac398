/** The outermost steps: whatever happens, there is an answer, and what is seen of it afterwards. */

import type { Asked, Next } from "./asked";
import { answerProblem, INTERNAL, Refused } from "./problems";
import { share } from "./settings";

/** The methods by their own names in logs; a client can make up any other. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** How long after an answer's head what is seen of it is written, in milliseconds. */
const AFTER = 1;

/**
 * Writes a line and a data point for each request; of those that succeed, lines for a share. Neither has a path or a
 * query: a path that belongs to nobody may hold anything. No client waits for them.
 */
export async function noted(asked: Asked, next: Next): Promise<Response> {
  const answer = await next();
  const seen = { status: answer.status, milliseconds: Date.now() - asked.begun, bytes: sent(asked.request, answer) };
  asked.ctx.waitUntil(scheduler.wait(AFTER).then(() => note(asked, seen)));
  return answer;
}

interface Seen {
  readonly status: number;
  readonly milliseconds: number;
  readonly bytes: number | undefined;
}

function note(asked: Asked, { status, milliseconds, bytes }: Seen): void {
  const service = asked.service?.name ?? "edge";
  const method = METHODS.includes(asked.request.method) ? asked.request.method : "other";
  const { instance, cold, code, caller, requestId: request_id, env } = asked;
  if (status >= 400 || Math.random() < share(env.LOG_SAMPLE, 1)) {
    const where = { event: "request", service, method, status, milliseconds, bytes };
    console.log(JSON.stringify({ ...where, instance, cold, code, caller, request_id }));
  }
  env.REQUESTS?.writeDataPoint({
    indexes: [service],
    blobs: [service, instance ?? "", method, code ?? "", caller ?? ""],
    doubles: [status, milliseconds, bytes ?? 0, cold ? 1 : 0],
  });
}

/** How many bytes an answer's body has, where that is told: a stream is not counted, which would slow it. */
function sent({ method }: Request, { body, headers }: Response): number | undefined {
  if (method === "HEAD" || !body) return 0;
  const length = headers.get("Content-Length");
  return length === null ? undefined : Number(length);
}

/** Turns what a later step throws into the problem that it is, and gives back what was held. */
export async function answered(asked: Asked, next: Next): Promise<Response> {
  try {
    return await next();
  } catch (error) {
    const problem = error instanceof Refused ? error.problem : INTERNAL;
    if (problem === INTERNAL) {
      console.error(JSON.stringify({ event: "internal", cause: String(error), request_id: asked.requestId }));
    }
    await asked.refuse(problem);
    return answerProblem(problem, asked.requestId);
  } finally {
    await asked.end();
  }
}
