/** What the Worker answers itself, without waking anything: what is here, and how it is. */

import { version } from "../package.json";
import type { Asked, Next } from "./asked";
import { health } from "./health";
import { page, PAGES } from "./pages";
import { answerProblem, METHOD_NOT_ALLOWED, NOT_FOUND } from "./problems";
import { deployed } from "./services";

/** Answers every path that belongs to no service. */
export async function own(asked: Asked, next: Next): Promise<Response> {
  const { path, request, env, requestId, service } = asked;
  if (service) return next();
  const isPage = Object.hasOwn(PAGES, path);
  if (path !== "/" && path !== "/health" && !isPage) return answerProblem(NOT_FOUND, requestId);
  if (request.method !== "GET" && request.method !== "HEAD") return answerProblem(METHOD_NOT_ALLOWED, requestId);
  if (isPage) return page(asked);
  const body = path === "/" ? listing(env) : await health(env);
  return Response.json(body, { headers: { "Cache-Control": "no-store", "X-Request-ID": requestId } });
}

function listing(env: Env): object {
  const services = deployed(env).map(
    ({ name, title, summary, paths, patterns = [] }) => [name, { title, summary, paths, patterns }] as const,
  );
  const pages = env.ASSETS ? { docs: "/docs", console: "/console" } : {};
  return { service: "offing", version, services: Object.fromEntries(services), health: "/health", ...pages };
}
