/** What wrangler.jsonc gives the Worker: its bindings and variables. */
interface Env extends Upstreams, Limits, Spreads {
  readonly DISPATCHER: DurableObjectNamespace<import("./dispatcher/dispatcher").Dispatcher>;
  /** The services of which a container is kept awake, as "ocr xet". */
  readonly KEEP_WARM?: string;
  readonly SERVICES?: string;
  /** Hashes of the API keys that are let in; everyone where it is empty. */
  readonly OFFING_API_KEYS?: string;
  /** Origins whose pages may read the answers. */
  readonly OFFING_CORS_ORIGINS?: string;
  /** Counts requests by API key or address. */
  readonly RATE_LIMIT?: RateLimit;
  /** Gets a data point for each request. */
  readonly REQUESTS?: AnalyticsEngineDataset;
  /** The share of successful requests that get a line in the log, from 0 to 1. */
  readonly LOG_SAMPLE?: string;
  readonly ASSETS?: Fetcher;
  readonly INSIGHTS: DurableObjectNamespace<import("./container").Insights>;
  readonly INSIGHTS_INSTANCES: string;
  readonly INSIGHTS_SLEEP_AFTER: string;
  readonly OCR: DurableObjectNamespace<import("./container").Ocr>;
  readonly OCR_INSTANCES: string;
  readonly OCR_SLEEP_AFTER: string;
  readonly XET: DurableObjectNamespace<import("./container").Xet>;
  readonly XET_INSTANCES: string;
  readonly XET_SLEEP_AFTER: string;
  /** Seconds that an answer of insights or OCR is kept for its caller; none where it is no number above 0. */
  readonly ANSWER_CACHE_SECONDS?: string;
  /** Which version of the Worker this is. */
  readonly VERSION?: WorkerVersionMetadata;
  /** Keeps whole Xet files, and what belongs to jobs. */
  readonly STORE?: R2Bucket;
  /** One Durable Object a job, and the queue that says which are to be worked on. */
  readonly JOB?: DurableObjectNamespace<import("./jobs/job").Job>;
  readonly JOBS?: Queue<import("./jobs/job").JobMessage>;
  /** Seconds that a finished job is kept, and those before the second attempt at one. */
  readonly OFFING_JOBS_KEEP_SECONDS?: string;
  readonly OFFING_JOBS_RETRY_SECONDS?: string;
  /** Signs webhooks: base64 behind "whsec_". */
  readonly OFFING_JOBS_WEBHOOK_KEY?: string;
  readonly XET_STORE_MIN_BYTES?: string;
  readonly XET_STORE_MAX_BYTES?: string;
  /** The hub and the rules for its token, as the Xet service reads them. */
  readonly OFFING_XET_ENDPOINT?: string;
  readonly OFFING_XET_TOKEN?: string;
  readonly OFFING_XET_SHARE_TOKEN?: string;
  readonly OFFING_XET_OFFLINE?: string;
  readonly HF_ENDPOINT?: string;
  readonly HF_TOKEN?: string;
  readonly HF_HUB_OFFLINE?: string;
}

/** Of a service: its largest body in bytes, and the longest wait for its answer in seconds. */
type Limits = {
  readonly [Name in `${"INSIGHTS" | "OCR" | "XET"}_${"MAX_BODY_BYTES" | "REQUEST_SECONDS"}`]?: string;
};

/** How a service's requests are spread over its containers, in docs/instances.md. */
type Spreads = {
  readonly [Name in `${"INSIGHTS" | "OCR" | "XET"}_${"ROUTING" | "CONCURRENCY"}`]?: string;
};

/** A backend of the deployer's own for a service, in docs/upstreams.md. */
type Upstreams = {
  readonly [Name in `${"INSIGHTS" | "OCR" | "XET"}_UPSTREAM${"" | "_SHARE" | "_OVERFLOW" | "_SECONDS" | "_KEY"}`]?: string;
};

declare namespace Cloudflare {
  interface Env extends globalThis.Env {}
  interface GlobalProps {
    mainModule: typeof import("./index");
    durableNamespaces: "Insights" | "Ocr" | "Xet" | "Dispatcher" | "Job";
  }
}
