/** The step of jobs: `/ocr/jobs` and `/download/jobs`, a job below them, and what OCR's came to. */

import type { Asked, Next } from "../asked";
import { answerProblem, METHOD_NOT_ALLOWED, type Problem, Refused } from "../problems";
import { accept } from "./accept";
import { JOB_NOT_FINISHED, JOB_NOT_FOUND, JOBS_NOT_SET_UP } from "./problems";
import { bodyOf, isFinished, type JobRecord, type JobService, locationOf, resultKey } from "./record";

const PATH = /^\/(ocr|download)\/jobs(?:\/([^/]+)(\/result)?)?$/;
const ID = /^[0-9a-f]{32}$/;

/** Answers the paths of jobs, and hands on every other. */
export async function jobs(asked: Asked, next: Next): Promise<Response> {
  const [matched, place, id, result] = PATH.exec(asked.path) ?? [];
  if (!matched || !asked.service || (result && place === "download")) return next();
  const service: JobService = place === "ocr" ? "ocr" : "xet";
  const { method } = asked.request;
  const allowed = id === undefined ? ["POST"] : ["GET", "HEAD", ...(result ? [] : ["DELETE"])];
  if (!allowed.includes(method)) throw new Refused(notAllowed(allowed));
  if (id === undefined) return made(asked, service);
  if (method === "DELETE") return forgotten(asked, service, id);
  const job = await known(asked, service, id);
  return result ? resultOf(asked, job) : Response.json(bodyOf(job), { headers: headersOf(job) });
}

async function made(asked: Asked, service: JobService): Promise<Response> {
  const job = await accept(asked, service);
  if (job instanceof Response) return job;
  const headers = { ...headersOf(job), Location: locationOf(job.id, service) };
  return Response.json(bodyOf(job), { status: 202, headers });
}

async function forgotten(asked: Asked, service: JobService, id: string): Promise<Response> {
  if (!(await stub(asked, id).forget(asked.caller ?? null, service))) throw new Refused(JOB_NOT_FOUND);
  return new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
}

async function known(asked: Asked, service: JobService, id: string): Promise<JobRecord> {
  const job = await stub(asked, id).read(asked.caller ?? null, service);
  if (!job) throw new Refused(JOB_NOT_FOUND);
  return job as JobRecord;
}

/** Asks no Durable Object of a name that no job can have. */
function stub({ env }: Asked, id: string): DurableObjectStub<import("./job").Job> {
  if (!env.JOB) throw new Refused(JOBS_NOT_SET_UP);
  if (!ID.test(id)) throw new Refused(JOB_NOT_FOUND);
  return env.JOB.get(env.JOB.idFromName(id));
}

/** What the service answered, from the store. */
async function resultOf(asked: Asked, job: JobRecord): Promise<Response> {
  const { request, env, requestId } = asked;
  if (job.failure) {
    const headers = { "Cache-Control": "no-store", "Content-Type": "application/problem+json" };
    return new Response(job.failure.text, { status: job.failure.status, headers });
  }
  if (!job.result) return answerProblem(JOB_NOT_FINISHED, requestId);
  const { status, contentType, bytes } = job.result;
  const headers = new Headers({ "Cache-Control": "no-store", "Content-Length": String(bytes) });
  if (contentType) headers.set("Content-Type", contentType);
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const object = await env.STORE?.get(resultKey(job.id, job.attempts));
  if (!object) throw new Refused(JOB_NOT_FOUND); // forgotten a moment ago
  return new Response(object.body.pipeThrough(new FixedLengthStream(bytes)), { status, headers });
}

function headersOf(job: JobRecord): Record<string, string> {
  const headers = { "Cache-Control": "no-store" };
  return isFinished(job) ? headers : { ...headers, "Retry-After": "1" };
}

const notAllowed = (methods: readonly string[]): Problem => ({
  ...METHOD_NOT_ALLOWED,
  headers: { Allow: methods.join(", ") },
});
