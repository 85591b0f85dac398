/** What the Worker answers itself, without waking anything: what is here, and how it is. */

import { version } from "../package.json";
import type { Asked, Next } from "./asked";
import type { Condition } from "./container";
import { answerProblem, METHOD_NOT_ALLOWED, NOT_FOUND } from "./problems";
import { type Service, SERVICES } from "./services";

/** Answers every path that belongs to no service. */
export async function own({ path, request, env, requestId, service }: Asked, next: Next): Promise<Response> {
  if (service) return next();
  if (path !== "/" && path !== "/health") return answerProblem(NOT_FOUND, requestId);
  if (request.method !== "GET" && request.method !== "HEAD") return answerProblem(METHOD_NOT_ALLOWED, requestId);
  const body = path === "/" ? listing() : await health(env);
  return Response.json(body, { headers: { "Cache-Control": "no-store", "X-Request-ID": requestId } });
}

function listing(): object {
  const services = SERVICES.map(
    ({ name, title, summary, paths, patterns = [] }) => [name, { title, summary, paths, patterns }] as const,
  );
  return { service: "offing", version, services: Object.fromEntries(services), health: "/health" };
}

async function health(env: Env): Promise<object> {
  const states = SERVICES.map(async (service) => [service.name, { state: await condition(service, env) }] as const);
  return { status: "healthy", service: "offing", version, services: Object.fromEntries(await Promise.all(states)) };
}

/** What a service's containers do now: of several, the one that is furthest awake. */
async function condition(service: Service, env: Env): Promise<Condition> {
  const binding = service.containers(env);
  const names = Array.from({ length: service.instances(env) }, (_, index) => `instance-${index}`);
  const states = await Promise.all(
    names.map((name) => binding.get(binding.idFromName(name)).condition().catch((): Condition => "unknown")),
  );
  const order: readonly Condition[] = ["awake", "starting", "failed", "asleep", "unknown"];
  return order.find((each) => states.includes(each)) ?? "unknown";
}
