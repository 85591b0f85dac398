/** The Worker: which path goes where. What a path means is the services' business. */

import { getRandom } from "@cloudflare/containers";
import { version } from "../package.json";
import { type Condition, mayRepeat, type ServiceContainer } from "./container";
import { answerProblem, BAD_REQUEST, containerProblem, INTERNAL, LOST, METHOD_NOT_ALLOWED, NOT_FOUND } from "./problems";

export { Insights, Ocr, Xet } from "./container";

interface Service {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  /** The paths that its container answers, unchanged: whole ones, or beginnings that end in "/". */
  readonly paths: readonly string[];
  /** Regular expressions of whole paths that it answers besides, where no beginning tells them. */
  readonly patterns?: readonly string[];
  readonly containers: (env: Env) => DurableObjectNamespace<ServiceContainer>;
  /** How many containers share its requests. */
  readonly instances: (env: Env) => number;
}

const SERVICES: readonly Service[] = [
  {
    name: "insights",
    title: "Image insights",
    summary: "Brightness, colours and hashes of an image",
    paths: ["/v1/image/", "/insights/health", "/insights/livez", "/insights/readyz"],
    containers: (env) => env.INSIGHTS,
    instances: (env) => count(env.INSIGHTS_INSTANCES),
  },
  {
    name: "ocr",
    title: "OCR",
    summary: "The text of images and PDFs, with its places",
    paths: ["/ocr", "/ocr/", "/ocr/health", "/ocr/livez", "/ocr/readyz"],
    containers: (env) => env.OCR,
    instances: (env) => count(env.OCR_INSTANCES),
  },
  {
    name: "xet",
    title: "Xet downloads",
    summary: "Models and datasets of a Hugging Face hub, verified and cached",
    paths: [
      ...["/download", "/download/", "/download-hash", "/download-hash/", "/repos", "/repos/", "/api", "/api/"],
      ...["/xet/health", "/xet/livez", "/xet/readyz"],
    ],
    patterns: ["/.+/resolve/.+"],
    containers: (env) => env.XET,
    instances: (env) => count(env.XET_INSTANCES),
  },
];

export default {
  async fetch(request, env): Promise<Response> {
    const begun = Date.now();
    const requestId = sane(request.headers.get("X-Request-ID")) ?? crypto.randomUUID();
    const { pathname } = new URL(request.url);
    const service = owner(pathname);
    let answer: Response;
    try {
      answer = service ? await ask(service, request, env, requestId) : await own(pathname, request, env, requestId);
    } catch (error) {
      console.error(JSON.stringify({ event: "internal", cause: String(error), request_id: requestId }));
      answer = answerProblem(INTERNAL, requestId);
    }
    // Neither path nor query: a path that belongs to nobody may hold anything.
    const line = { event: "request", service: service?.name ?? "edge", method: request.method };
    const spent = { status: answer.status, milliseconds: Date.now() - begun, request_id: requestId };
    console.log(JSON.stringify({ ...line, ...spent }));
    return answer;
  },
} satisfies ExportedHandler<Env>;

const count = (given: string): number => Math.max(1, Math.trunc(Number(given)) || 1);

const sane = (id: string | null): string | undefined => (id && /^[A-Za-z0-9._-]{1,64}$/.test(id) ? id : undefined);

const belongs = (pathname: string, path: string): boolean =>
  path.endsWith("/") ? pathname.startsWith(path) : pathname === path;

const PATTERNS = SERVICES.flatMap((service) =>
  (service.patterns ?? []).map((pattern) => [new RegExp(`^(?:${pattern})$`), service] as const),
);

/** The service of a path. What a beginning tells counts before what a pattern does. */
const owner = (pathname: string): Service | undefined =>
  SERVICES.find(({ paths }) => paths.some((path) => belongs(pathname, path))) ??
  PATTERNS.find(([pattern]) => pattern.test(pathname))?.[1];

/** What the Worker answers itself; it wakes nothing. */
async function own(pathname: string, request: Request, env: Env, requestId: string): Promise<Response> {
  if (pathname !== "/" && pathname !== "/health") return answerProblem(NOT_FOUND, requestId);
  if (request.method !== "GET" && request.method !== "HEAD") return answerProblem(METHOD_NOT_ALLOWED, requestId);
  const body = pathname === "/" ? listing() : await health(env);
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

/**
 * Sends a request to a container of the service, a second time where the first met a container that was
 * going down: the services compute, so that a repeated request does no harm. Every failure is a 503.
 */
async function ask(service: Service, request: Request, env: Env, requestId: string): Promise<Response> {
  const container = await getRandom(service.containers(env), service.instances(env));
  const headers = new Headers(request.headers);
  headers.set("X-Request-ID", requestId);
  headers.delete("Expect"); // the client has been told to go on
  const { method, url } = request;
  const send = (body: BodyInit | null): Promise<Response> =>
    container
      .fetch(new Request(url, { method, headers, body, redirect: "manual" }))
      .catch((error: unknown) => failed(error, requestId));

  let upload: Upload;
  try {
    upload = await hold(request);
  } catch {
    return answerProblem(BAD_REQUEST, requestId); // the client hung up, or broke off
  }
  try {
    const answer = await send(upload.body);
    if (!answer.ok && upload.drop) await Promise.race([upload.drop(), scheduler.wait(LINGER)]);
    if (upload.drop || !mayRepeat(answer)) return answer;
    await answer.body?.cancel();
    return await send(upload.body);
  } finally {
    upload.release();
  }
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

/** A body of at most this many bytes is kept until there is an answer, so that it can be sent again. */
const KEEP = 6 * 1024 * 1024;
/** The most that one isolate keeps at a time: it has 128 MB for everything. */
const KEEP_ALL = 6 * KEEP;
/** How long a refusal waits for a client that still sends, in milliseconds: it reads only when it has sent. */
const LINGER = 3_000;
let heldBytes = 0;

interface Upload {
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Gives back the room that the body takes. */
  readonly release: () => void;
  /** Of a body that is not kept: reads the rest without passing it on. */
  readonly drop?: () => Promise<void>;
}

/** Reads a body that is small enough to be kept; streams one that is not, or for which there is no room. */
async function hold(request: Request): Promise<Upload> {
  if (!request.body) return { body: null, release: () => undefined };
  const rest: Reader = request.body.getReader();
  const announced = request.headers.get("Content-Length");
  const room = Number(announced ?? KEEP);
  if (room > KEEP || heldBytes + room > KEEP_ALL) {
    const { readable, writable } = announced === null ? new IdentityTransformStream() : new FixedLengthStream(room);
    return { body: readable, release: () => undefined, drop: pass([], rest, writable) };
  }
  const release = taken(room, request.signal);
  const buffer = new Uint8Array(room);
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await rest.read();
      if (done) return { body: buffer.subarray(0, size), release };
      if (size + value.length > room) {
        const { readable, writable } = new IdentityTransformStream();
        return { body: readable, release, drop: pass([buffer.subarray(0, size), value], rest, writable) };
      }
      buffer.set(value, size);
      size += value.length;
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** Takes room for a body. A request whose client hangs up runs to no end, so the signal gives the room back too. */
function taken(room: number, signal: AbortSignal): () => void {
  let left = room;
  const release = (): void => {
    heldBytes -= left;
    left = 0;
  };
  heldBytes += room;
  signal.addEventListener("abort", release);
  return release;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Passes on what has been read of a body, and then the rest of it, until it is told to drop what still comes. */
function pass(read: Uint8Array[], rest: Reader, into: WritableStream<Uint8Array>): () => Promise<void> {
  const writer = into.getWriter();
  const send = async (): Promise<void> => {
    for (const part of read) await writer.write(part);
    for (let next = await rest.read(); !next.done; next = await rest.read()) await writer.write(next.value);
    await writer.close();
  };
  // Where this fails, the client or the container is gone, and the answer tells.
  const sending = send().catch((error: unknown) => writer.abort(error).catch(() => undefined));
  return async () => {
    await writer.abort().catch(() => undefined);
    await sending;
    while (!(await rest.read().catch(() => ({ done: true }))).done);
  };
}
