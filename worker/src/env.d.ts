/** What wrangler.jsonc gives the Worker: its bindings and variables. */
interface Env {
  readonly INSIGHTS: DurableObjectNamespace<import("./container").Insights>;
  readonly INSIGHTS_INSTANCES: string;
  readonly INSIGHTS_SLEEP_AFTER: string;
  readonly OCR: DurableObjectNamespace<import("./container").Ocr>;
  readonly OCR_INSTANCES: string;
  readonly OCR_SLEEP_AFTER: string;
  readonly XET: DurableObjectNamespace<import("./container").Xet>;
  readonly XET_INSTANCES: string;
  readonly XET_SLEEP_AFTER: string;
}

declare namespace Cloudflare {
  interface Env extends globalThis.Env {}
  interface GlobalProps {
    mainModule: typeof import("./index");
    durableNamespaces: "Insights" | "Ocr" | "Xet";
  }
}
