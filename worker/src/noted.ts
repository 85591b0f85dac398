/** The outermost steps: whatever happens, there is an answer, and one line in the log tells of it. */

import type { Asked, Next } from "./asked";
import { answerProblem, INTERNAL, Refused } from "./problems";

/** Writes a line for each request. */
export async function noted(asked: Asked, next: Next): Promise<Response> {
  const answer = await next();
  // Neither path nor query: a path that belongs to nobody may hold anything.
  const line = { event: "request", service: asked.service?.name ?? "edge", method: asked.request.method };
  const spent = { status: answer.status, milliseconds: Date.now() - asked.begun, request_id: asked.requestId };
  console.log(JSON.stringify({ ...line, ...spent }));
  return answer;
}

/** Turns what a later step throws into the problem that it is, and gives back what was held. */
export async function answered(asked: Asked, next: Next): Promise<Response> {
  try {
    return await next();
  } catch (error) {
    if (error instanceof Refused) return answerProblem(error.problem, asked.requestId);
    console.error(JSON.stringify({ event: "internal", cause: String(error), request_id: asked.requestId }));
    return answerProblem(INTERNAL, asked.requestId);
  } finally {
    await asked.end();
  }
}
