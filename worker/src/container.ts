/** The Durable Objects that own the containers: one class a service, one object a container. */

import { ELSEWHERE, ENDED, LEASE, ROOM, START } from "./internal_headers";
import { LivingContainer, PORT, reasonOf } from "./lifecycle";
import { passed, whole } from "./passage";
import { answerProblem, containerProblem, LOST, NO_ROOM, STATE } from "./problems";
import type { Visit } from "./visits";

export type { Status } from "./lifecycle";

/** How often an ending container is looked at, in milliseconds. */
const LOOK = 50;
/** The longest that a container is waited for that drains or broke a connection, in milliseconds. */
const SETTLE_LIMIT = 30_000;
/** The largest answer that is held until it is whole, in bytes. */
const WHOLE = 1024 * 1024;

/**
 * Has the service close a connection after an answer without a body, as that to a HEAD, or a 304. The runtime gives
 * such a connection to another request too early, and breaks it then.
 */
const BODILESS = "X-Offing-Bodiless";

/**
 * A container that runs one service.
 *
 * What the library answers in a container's place (plain text, 500 as often as not) never reaches a client:
 * the service marks each of its answers with the request id, and what lacks it becomes a problem.
 */
export abstract class ServiceContainer extends LivingContainer {
  #settling: Promise<void> | undefined;

  /** Answers from the container, which is started where it is not awake. */
  override async fetch(request: Request): Promise<Response> {
    const requestId = request.headers.get("X-Request-ID") ?? "";
    const room = request.headers.get(ROOM);
    if (room !== null && !this.hasRoom(Number(room))) return this.#full(requestId);
    const visit = this.begin(request);
    const begun = Date.now();
    let isCold: boolean;
    try {
      isCold = await this.wake();
    } catch (error) {
      visit.end();
      return this.#failed(reasonOf(error), requestId);
    }
    const started = Date.now() - begun;
    const run = this.run;
    const answer = await this.#ask(request, visit);
    const canWait = !request.headers.has(ELSEWHERE);
    if (typeof answer === "string") {
      if (request.signal.aborted) return answerProblem(LOST, requestId); // which nobody reads
      if (!this.ctx.container?.running) this.visits.turn("failed");
      if (canWait) await this.#settled(run);
      return this.#failed(answer, requestId);
    }
    if (answer.headers.get(STATE) === "draining") {
      this.visits.turn("draining");
      if (canWait) await this.#settled(run);
    }
    return isCold ? told(answer, started) : answer;
  }

  /** Sends a request that came unasked to the dispatcher, with what that may not know yet. */
  #full(requestId: string): Response {
    this.visits.tellAll();
    const answer = answerProblem(NO_ROOM, requestId);
    answer.headers.set(ROOM, String(this.visits.count));
    return answer;
  }

  /** The service's answer, or what the platform says of having none. The visit ends with it. */
  async #ask(request: Request, visit: Visit): Promise<Response | string> {
    try {
      // Not by the library's containerFetch(), through which an answer loses its length.
      const port = this.ctx.container?.getTcpPort(PORT);
      const asked = new Request(request.url.replace("https:", "http:"), request);
      for (const name of [LEASE, ROOM, ELSEWHERE]) asked.headers.delete(name);
      asked.headers.set(BODILESS, "close");
      const answer = await port?.fetch(asked);
      if (!answer?.headers.has("X-Request-ID")) return (await answer?.text()) ?? "";
      const length = Number(answer.headers.get("Content-Length") ?? Infinity);
      if (!answer.body) return answer;
      // Such answers have a length and no bytes, though there is a stream where they would be.
      if (request.method === "HEAD" || answer.status === 304) return answer;
      if (length > WHOLE || answer.headers.has("Content-Encoding")) {
        return passed(answer, answer.body, visit, this.stallLimit);
      }
      const held = await whole(answer, answer.body, length);
      held.headers.set(ENDED, "true");
      return held;
    } catch (error) {
      return `Container suddenly disconnected: ${String(error)}`;
    } finally {
      if (!visit.passing) visit.end();
    }
  }

  /** Resolves once a request may be sent anew: a run of the container has ended, or is (again) ready. */
  async #settled(run: number): Promise<void> {
    if (run !== this.run) return;
    // One look for all who wait: a container that drains has better things to do than to tell of it.
    this.#settling ??= this.#settle(run).finally(() => {
      this.#settling = undefined;
    });
    await this.#settling;
  }

  async #settle(run: number): Promise<void> {
    const deadline = Date.now() + SETTLE_LIMIT;
    while (this.run === run && this.ctx.container?.running && Date.now() < deadline) {
      if (await Promise.race([this.#ready(), scheduler.wait(10 * LOOK)])) return;
      await scheduler.wait(LOOK);
    }
  }

  async #ready(): Promise<boolean> {
    const asked = this.ctx.container?.getTcpPort(PORT).fetch("http://container/readyz");
    return (await asked?.catch(() => undefined))?.ok ?? false;
  }

  #failed(cause: string, requestId = ""): Response {
    const problem = containerProblem(cause);
    this.complain(problem.code, cause, requestId);
    return answerProblem(problem, requestId);
  }
}

/** An answer that says how long its container took to start, in milliseconds. */
function told(answer: Response, started: number): Response {
  const isBodiless = [204, 205, 304].includes(answer.status);
  const telling = new Response(isBodiless ? null : answer.body, answer);
  telling.headers.set(START, String(started));
  return telling;
}

export class Insights extends ServiceContainer {
  protected override readonly service = "insights";
  protected override readonly aliases = ["MAX_FILE_SIZE", "CACHE_MAX_SIZE", "CACHE_TTL_SECONDS", "REQUEST_TIMEOUT"];
  override sleepAfter = this.env.INSIGHTS_SLEEP_AFTER;
}

export class Ocr extends ServiceContainer {
  protected override readonly service = "ocr";
  protected override readonly aliases = [
    ...["OCR_LANG", "OCR_VERSION", "DROP_SCORE", "DET_LIMIT_SIDE_LEN", "USE_ANGLE_CLS", "CPU_THREADS", "MAX_IMAGE_SIZE"],
    ...["DET_MODEL_DIR", "REC_MODEL_DIR", "CLS_MODEL_DIR"],
  ];
  override sleepAfter = this.env.OCR_SLEEP_AFTER;
}

export class Xet extends ServiceContainer {
  protected override readonly service = "xet";
  /** As Hugging Face's own tools call them, and those of S3. */
  protected override readonly aliases = [
    ...["HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE"],
    ...["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  ];
  override sleepAfter = this.env.XET_SLEEP_AFTER;
}
