/**
 * A platform without Docker: what `ctx.container` is to a Durable Object, played from a script.
 *
 * Everything above it is real: the Worker, the Durable Object, its storage and alarms, the library.
 */

export type Service = (request: Request) => Response | Promise<Response>;

/** What workerd says where nothing listens, and where a connection breaks. */
export const NOT_LISTENING = "The container is not listening in the TCP address 10.0.0.1:8080";
export const CONNECTION_LOST = "Network connection lost.";

/** An answer as the service gives it: marked with the id of its request. */
export function answered(request: Request, body: BodyInit | null, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set("X-Request-ID", request.headers.get("X-Request-ID") ?? "made-by-the-service");
  return new Response(body, { ...init, headers });
}

export const draining: Service = (request) => {
  platform.ready = xetPlatform.ready = false;
  return answered(request, "draining", { status: 503, headers: { "Retry-After": "2", "X-Offing-State": "draining" } });
};

export const echo: Service = async (request) => answered(request, await request.arrayBuffer());

export class Platform {
  running = false;
  /** What the service's /readyz would say. */
  ready = true;
  /** The options of every start. */
  starts: ContainerStartupOptions[] = [];
  signals: number[] = [];
  /** Whether SIGTERM changes nothing. */
  stubborn = false;
  /** How often it got SIGKILL. */
  kills = 0;
  /** The requests that the service says it has, besides that question. */
  inFlight = 0;
  /** The ports that requests went to. */
  ports: number[] = [];
  /** How often it was asked whether it is ready. */
  looks = 0;
  service: Service = echo;
  /** Runs in place of a start that succeeds. */
  failStart: (() => void) | undefined;
  #ending: Error | undefined;

  start(options: ContainerStartupOptions = { enableInternet: true }): void {
    this.starts.push(options);
    this.running = this.ready = true;
    this.#ending = undefined;
    this.failStart?.();
  }

  /** The process ends, with an error where it did not end well. */
  end(error?: Error): void {
    this.running = false;
    this.#ending = error;
  }

  /** Looks, rather than being told: a promise may not be settled from outside its Durable Object. */
  async monitor(): Promise<void> {
    const run = this.starts.length;
    while (this.running && this.starts.length === run) await scheduler.wait(5);
    if (this.#ending) throw this.#ending;
  }

  signal(number: number): void {
    this.signals.push(number);
    if (!this.stubborn) this.end();
  }

  async destroy(): Promise<void> {
    this.kills += 1;
    this.end();
  }

  getTcpPort(port: number): { fetch(url: string | Request, init?: Request): Promise<Response> } {
    return {
      fetch: async (url, init) => {
        if (!this.running) throw new Error(NOT_LISTENING);
        const request = new Request(url, init);
        if (new URL(request.url).hostname.startsWith("container")) {
          if (request.url.endsWith("/readyz")) this.looks += 1;
          if (request.url.endsWith("/metrics")) {
            return new Response(`# HELP\noffing_requests_in_flight ${this.inFlight + 1}.0\n`);
          }
          return new Response(null, { status: this.ready ? 200 : 503 });
        }
        this.ports.push(port);
        return this.service(request);
      },
    };
  }
}

/** The platforms under the containers of image insights, of Xet and of OCR. */
export let platform = new Platform();
export let xetPlatform = new Platform();
export let ocrPlatform = new Platform();
/** Those under further instances, by service and name. */
let others = new Map<string, Platform>();

type Owner = "insights" | "xet" | "ocr";

/** The platform under one instance of a service. */
export function platformOf(service: Owner, name = "instance-0"): Platform {
  if (name === "instance-0") return { insights: platform, xet: xetPlatform, ocr: ocrPlatform }[service];
  const other = others.get(`${service} ${name}`) ?? new Platform();
  others.set(`${service} ${name}`, other);
  return other;
}

export function newPlatform(): Platform {
  platform = new Platform();
  xetPlatform = new Platform();
  ocrPlatform = new Platform();
  others = new Map();
  return platform;
}
