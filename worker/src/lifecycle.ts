/** The life of a container: when it starts, how long it stays awake, how it ends, and what the log says of that. */

import { Container, type StopParams } from "@cloudflare/containers";
import { settings } from "./container_settings";
import { LEASE, ROOM } from "./internal_headers";
import { UNASKED, type Visit, Visits } from "./visits";
import { within } from "./within";

export const PORT = 8080;
/** How often a starting container is looked at, in milliseconds. */
const LOOK = 50;
/** The longest that a start may take, until the container listens. */
const START_LIMIT = 25_000;
/** How long a container with nothing to do may take to end after SIGTERM, in seconds. It gets SIGKILL then. */
const STOP_SECONDS = 30;
/** How long that may take in turn, and a question about what it does, in milliseconds. */
const KILL_LIMIT = 30_000;
const QUESTION_LIMIT = 1_000;
/** How long an answer may be on its way before the service is asked whether it still sends, in milliseconds. */
const STALL_LIMIT = 600_000;

export type Condition = "awake" | "starting" | "asleep" | "failed" | "unknown";

/** What a container does now. */
export interface Status {
  readonly state: Condition;
  /** Requests whose answers have not been passed on to their end. */
  readonly underway: number;
}

/** A container and its object, less what it does with requests. */
export abstract class LivingContainer extends Container<Env> {
  protected abstract readonly service: string;
  protected readonly startLimit: number = START_LIMIT;
  protected readonly stopSeconds: number = STOP_SECONDS;
  protected readonly stallLimit: number = STALL_LIMIT;
  /** Variables that the service knows by names which do not begin with OFFING_. */
  protected readonly aliases: readonly string[] = [];

  override defaultPort = PORT;
  override pingEndpoint = "container/livez";

  protected readonly visits = new Visits((news) => this.#dispatcher().hear({ instance: this.called, ...news }));
  /** When a request last came, in milliseconds since the epoch; 0 where none has come to this object. */
  #asked = 0;
  /** Counts the starts, so that who waits for one run's end does not wait for the next one's. */
  protected run = 0;
  #started = 0;
  /** The run of whose end the log tells already, and the one that was sent SIGTERM. */
  #stopped: number | undefined;
  #stopping: number | undefined;
  /** Until when it is kept awake, with or without requests. */
  #warmUntil = 0;
  #starting: Promise<void> | undefined;
  /** Whether the last start came to nothing. */
  #startFailed = false;

  /** Counts a request, which keeps the container awake until its visit ends, or its client hangs up. */
  protected begin(request: Request): Visit {
    this.#asked = Date.now();
    this.#stopping = undefined;
    this.renewActivityTimeout();
    const lease = request.headers.has(ROOM) ? UNASKED : request.headers.get(LEASE);
    const visit = this.visits.begin(lease, () => this.renewActivityTimeout());
    request.signal.addEventListener("abort", visit.end);
    return visit;
  }

  /** Whether it is awake, and has fewer than so many requests. */
  protected hasRoom(requests: number): boolean {
    return this.#condition() === "awake" && this.#stopping !== this.run && this.visits.count < requests;
  }

  /** What the container does now. Starts nothing. */
  async condition(): Promise<Status> {
    return { state: this.#condition(), underway: this.visits.count };
  }

  #condition(): Condition {
    if (this.#starting) return "starting";
    if (this.#startFailed) return "failed";
    return this.ctx.container?.running ? "awake" : "asleep";
  }

  /** Starts the container where it sleeps, and keeps it awake for so many milliseconds, requests or none. */
  async warm(duration: number): Promise<void> {
    this.#warmUntil = Date.now() + duration;
    this.#stopping = undefined;
    this.renewActivityTimeout();
    await this.wake().catch((error: unknown) => this.complain("container-unavailable", reasonOf(error)));
  }

  override onStart(): void {
    this.#note("container-started", { milliseconds: Date.now() - this.#started });
    this.visits.turn("awake");
  }

  /**
   * The end of a run, as the library learns of it: at once, or where its object was away meanwhile, when it is back;
   * and now and then twice.
   */
  override onStop({ exitCode, reason }: StopParams): void {
    if (this.#stopped === this.run) return;
    this.#stopped = this.run;
    const wasAsked = this.#stopping === this.run;
    const seconds = this.#started ? Math.round((Date.now() - this.#started) / 1_000) : undefined;
    this.#note("container-stopped", { exit_code: exitCode, reason: wasAsked ? "idle" : reason, seconds });
    this.deleteSchedules("endStubborn");
    if (!this.#starting) this.visits.turn("asleep");
  }

  /** Notes what the library reports; its own method would throw it again. */
  override onError(error: unknown): void {
    this.complain("container-error", String(error));
    if (!this.ctx.container?.running) this.visits.turn("failed");
  }

  /** Idle for `sleepAfter`: the container gets SIGTERM, once, and where it does not end, SIGKILL later. */
  override async onActivityExpired(): Promise<void> {
    if (!this.ctx.container?.running || this.#stopping === this.run || Date.now() < this.#warmUntil) return;
    if (this.visits.count > 0 && !(await this.#isStalled())) return;
    this.#stopping = this.run;
    this.#note("container-idle", { underway: this.visits.count });
    await this.stop();
    // Kept in storage: the object may be away by then.
    if (this.ctx.container.running) await this.schedule(this.stopSeconds, "endStubborn", { since: Date.now() });
  }

  /** Ends a container that ignores SIGTERM. A request that came meanwhile spares it. */
  async endStubborn({ since }: { since: number }): Promise<void> {
    if (!this.ctx.container?.running || this.#asked >= since || Date.now() < this.#warmUntil) return;
    this.complain("container-killed", `still there ${this.stopSeconds} s after SIGTERM`);
    await within(KILL_LIMIT, this.destroy()).catch((error: unknown) => this.onError(error));
  }

  /**
   * Whether all that is left are answers that the service has sent to their end, and their clients have not taken for
   * long. Those that it can't send to their end, it cuts off itself.
   */
  async #isStalled(): Promise<boolean> {
    const patience = Date.now() - this.stallLimit;
    if (!this.visits.passing?.every(({ since }) => since < patience)) return false;
    const asked = this.ctx.container?.getTcpPort(PORT).fetch("http://container/metrics").then((answer) => answer.text());
    const metrics = await within(QUESTION_LIMIT, Promise.resolve(asked)).catch(() => undefined);
    // This question itself is one of them.
    const [, inFlight] = /^offing_requests_in_flight (\S+)$/m.exec(metrics ?? "") ?? [];
    return Number(inFlight) <= 1 && this.#asked < patience;
  }

  /** One start at a time. It outlives the request that asked for it, because others wait for it too. */
  protected async wake(): Promise<boolean> {
    const { status } = await this.getState();
    if (!this.#starting && this.ctx.container?.running && status === "healthy") return false;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
    return true;
  }

  async #start(): Promise<void> {
    this.run += 1;
    this.#started = Date.now();
    this.#startFailed = true; // until it has not
    this.deleteSchedules("endStubborn");
    // The library's own limits count tries, and a try may hang. Ready is when it listens: the service itself
    // holds what comes before it is warm.
    const cancellationOptions = { instanceGetTimeoutMS: this.startLimit / 3, waitInterval: LOOK };
    this.envVars = settings(this.env, this.service, this.aliases);
    const listening = this.startAndWaitForPorts({ ports: PORT, cancellationOptions });
    const late = scheduler.wait(this.startLimit).then(() => Promise.reject(new Error("not listening in time")));
    try {
      await Promise.race([listening, late]);
      this.#startFailed = false;
    } catch (error) {
      this.visits.turn("failed");
      throw error;
    }
  }

  #dispatcher(): DurableObjectStub<import("./dispatcher/dispatcher").Dispatcher> {
    return this.env.DISPATCHER.get(this.env.DISPATCHER.idFromName(this.service));
  }

  protected get called(): string {
    return this.ctx.id.name ?? this.ctx.id.toString();
  }

  #note(event: string, more: object): void {
    console.log(JSON.stringify({ event, service: this.service, instance: this.called, ...more }));
  }

  protected complain(event: string, cause: string, requestId?: string): void {
    const line = { event, service: this.service, instance: this.called, cause, request_id: requestId };
    console.error(JSON.stringify(line));
  }
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
