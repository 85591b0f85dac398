/** The Durable Objects that own the containers: one class a service, one object a container. */

import { Container } from "@cloudflare/containers";
import { answerProblem, containerProblem, STATE } from "./problems";

const PORT = 8080;
/** How often a starting or ending container is looked at, in milliseconds. */
const LOOK = 50;
/** The longest that a start may take, until the container listens. */
const START_LIMIT = 25_000;
/** The longest that a container is waited for that drains or broke a connection, in milliseconds. */
const SETTLE_LIMIT = 30_000;
/** The largest answer that is held until it is whole, in bytes. */
const WHOLE = 1024 * 1024;

/**
 * Has the service close a connection after an answer without a body, as that to a HEAD, or a 304. The runtime gives
 * such a connection to another request too early, and breaks it then.
 */
const BODILESS = "X-Offing-Bodiless";

export type Condition = "awake" | "starting" | "asleep" | "failed" | "unknown";

/** Whether the same request, sent again, meets a fresh container: the one that answered drained, or is gone. */
export const mayRepeat = (answer: Response): boolean =>
  answer.status === 503 && ["draining", "lost"].includes(answer.headers.get(STATE) ?? "");

/**
 * A container that runs one service.
 *
 * What the library answers in a container's place (plain text, 500 as often as not) never reaches a client:
 * the service marks each of its answers with the request id, and what lacks it becomes a problem.
 */
export abstract class ServiceContainer extends Container<Env> {
  protected abstract readonly service: string;
  protected readonly startLimit: number = START_LIMIT;
  /** Variables that the service knows by names which do not begin with OFFING_. */
  protected readonly aliases: readonly string[] = [];

  override defaultPort = PORT;
  override pingEndpoint = "container/livez";

  /** Requests whose answers have not been passed on to their end. */
  #underway = 0;
  /** Counts the starts, so that who waits for one run's end does not wait for the next one's. */
  #run = 0;
  #starting: Promise<void> | undefined;
  #settling: Promise<void> | undefined;
  /** Whether the last start came to nothing. */
  #startFailed = false;

  /** Answers from the container, which is started where it is not awake. */
  override async fetch(request: Request): Promise<Response> {
    const requestId = request.headers.get("X-Request-ID") ?? "";
    try {
      await this.#wake();
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : String(error), requestId);
    }
    const run = this.#run;
    const answer = await this.#ask(request);
    if (typeof answer === "string") {
      await this.#settled(run);
      return this.#failed(answer, requestId);
    }
    if (answer.headers.get(STATE) === "draining") await this.#settled(run);
    return answer;
  }

  /** The service's answer, or what the platform says of having none. */
  async #ask(request: Request): Promise<Response | string> {
    const end = this.#begin();
    try {
      // Not by the library's containerFetch(), through which an answer loses its length.
      const port = this.ctx.container?.getTcpPort(PORT);
      const asked = new Request(request.url.replace("https:", "http:"), request);
      asked.headers.set(BODILESS, "close");
      const answer = await port?.fetch(asked);
      if (!answer?.headers.has("X-Request-ID")) return (await answer?.text()) ?? "";
      const length = Number(answer.headers.get("Content-Length") ?? Infinity);
      if (!answer.body) return answer;
      // Such answers have a length and no bytes, though there is a stream where they would be.
      if (request.method === "HEAD" || answer.status === 304) return answer;
      if (length > WHOLE || answer.headers.has("Content-Encoding")) return passed(answer, answer.body, this.#begin());
      return await whole(answer, answer.body, length);
    } catch (error) {
      return `Container suddenly disconnected: ${String(error)}`;
    } finally {
      end();
    }
  }

  /** Counts a request, which keeps the container awake until the returned function is called. */
  #begin(): () => void {
    this.#underway += 1;
    this.renewActivityTimeout();
    return () => {
      this.#underway -= 1;
      this.renewActivityTimeout();
    };
  }

  /** What the container does now. Starts nothing. */
  async condition(): Promise<Condition> {
    if (this.#starting) return "starting";
    if (this.#startFailed) return "failed";
    return this.ctx.container?.running ? "awake" : "asleep";
  }

  /** Notes what the library reports; its own method would throw it again. */
  override onError(error: unknown): void {
    this.#log("container-error", String(error));
  }

  override async onActivityExpired(): Promise<void> {
    if (this.#underway === 0) await this.stop();
  }

  /** One start at a time. It outlives the request that asked for it, because others wait for it too. */
  async #wake(): Promise<void> {
    const { status } = await this.getState();
    if (!this.#starting && this.ctx.container?.running && status === "healthy") return;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  async #start(): Promise<void> {
    this.#run += 1;
    this.#startFailed = true; // until it has not
    // The library's own limits count tries, and a try may hang. Ready is when it listens: the service itself
    // holds what comes before it is warm.
    const cancellationOptions = { instanceGetTimeoutMS: this.startLimit / 3, waitInterval: LOOK };
    this.envVars = settings(this.env, this.service, this.aliases);
    const listening = this.startAndWaitForPorts({ ports: PORT, cancellationOptions });
    const late = scheduler.wait(this.startLimit).then(() => Promise.reject(new Error("not listening in time")));
    await Promise.race([listening, late]);
    this.#startFailed = false;
  }

  /** Resolves once a request may be sent anew: a run of the container has ended, or is (again) ready. */
  async #settled(run: number): Promise<void> {
    if (run !== this.#run) return;
    // One look for all who wait: a container that drains has better things to do than to tell of it.
    this.#settling ??= this.#settle(run).finally(() => {
      this.#settling = undefined;
    });
    await this.#settling;
  }

  async #settle(run: number): Promise<void> {
    const deadline = Date.now() + SETTLE_LIMIT;
    while (this.#run === run && this.ctx.container?.running && Date.now() < deadline) {
      if (await Promise.race([this.#ready(), scheduler.wait(10 * LOOK)])) return;
      await scheduler.wait(LOOK);
    }
  }

  async #ready(): Promise<boolean> {
    const asked = this.ctx.container?.getTcpPort(PORT).fetch("http://container/readyz");
    return (await asked?.catch(() => undefined))?.ok ?? false;
  }

  #failed(cause: string, requestId: string): Response {
    const problem = containerProblem(cause);
    this.#log(problem.code, cause, requestId);
    return answerProblem(problem, requestId);
  }

  #log(event: string, cause: string, requestId?: string): void {
    console.error(JSON.stringify({ event, service: this.service, cause, request_id: requestId }));
  }
}

/** An answer of known and moderate length once all of it is there: had it broken off, it can be asked for anew. */
async function whole(answer: Response, body: ReadableStream<Uint8Array>, length: number): Promise<Response> {
  const held = new Uint8Array(length);
  let size = 0;
  try {
    for await (const part of body) {
      held.set(part, size);
      size += part.length;
    }
  } catch (error) {
    // A service may answer before it has read the request, and then close: the answer is good all the same.
    if (size < length) throw error;
  }
  return new Response(held, answer);
}

/**
 * An answer as it comes, moved by the runtime: nothing of it is held. It breaks off where the service's does, and
 * keeps its length, by which a client sees that the rest is missing.
 */
function passed(answer: Response, body: ReadableStream<Uint8Array>, end: () => void): Response {
  const length = answer.headers.get("Content-Length");
  // What is compressed is taken apart and put together again on its way, so that its length may change.
  const isFixed = length !== null && !answer.headers.has("Content-Encoding");
  const { readable, writable } = isFixed ? new FixedLengthStream(Number(length)) : new IdentityTransformStream();
  // Who reads is told of a failure.
  body.pipeTo(writable).catch(() => undefined).finally(end);
  return new Response(readable, answer);
}

/**
 * The variables that a service itself understands: everyone's, its own, and those of its other names. Another
 * service's, which its binding's name tells, stay away: some are secrets.
 */
function settings(env: object, service: string, aliases: readonly string[]): Record<string, string> {
  const ours = `OFFING_${service.toUpperCase()}_`;
  const rooms = Object.keys(env).map((name) => `OFFING_${name}_`);
  const meant = (name: string): boolean =>
    name.startsWith("OFFING_")
      ? name.startsWith(ours) || !rooms.some((room) => name.startsWith(room))
      : aliases.includes(name);
  const pairs = Object.entries(env).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return Object.fromEntries(pairs.filter(([name]) => meant(name)));
}

export class Insights extends ServiceContainer {
  protected override readonly service = "insights";
  override sleepAfter = this.env.INSIGHTS_SLEEP_AFTER;
}

export class Ocr extends ServiceContainer {
  protected override readonly service = "ocr";
  override sleepAfter = this.env.OCR_SLEEP_AFTER;
}

export class Xet extends ServiceContainer {
  protected override readonly service = "xet";
  /** As Hugging Face's own tools call them. */
  protected override readonly aliases = ["HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE"];
  override sleepAfter = this.env.XET_SLEEP_AFTER;
}
