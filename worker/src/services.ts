/** The services behind the Worker, and which path belongs to which. */

import type { ServiceContainer } from "./container";

export interface Service {
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

export const SERVICES: readonly Service[] = [
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

const PATTERNS = SERVICES.flatMap((service) =>
  (service.patterns ?? []).map((pattern) => [new RegExp(`^(?:${pattern})$`), service] as const),
);

/** Whether a service is deployed here: `SERVICES` may name a part of them. */
export const isDeployed = ({ name }: Service, env: Env): boolean => {
  const named = (env.SERVICES ?? "").split(/[\s,]+/).filter(Boolean);
  return named.length === 0 || named.includes(name);
};

/** The services that are deployed here. */
export const deployed = (env: Env): readonly Service[] => SERVICES.filter((service) => isDeployed(service, env));

/** The service of a path. What a beginning tells counts before what a pattern does. */
export const ownerOf = (path: string): Service | undefined =>
  SERVICES.find(({ paths }) => paths.some((each) => (each.endsWith("/") ? path.startsWith(each) : path === each))) ??
  PATTERNS.find(([pattern]) => pattern.test(path))?.[1];

const count = (given: string): number => Math.max(1, Math.trunc(Number(given)) || 1);
