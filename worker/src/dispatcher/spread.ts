/** How a service's requests are spread over its containers, by its variables. */

import type { Service } from "../services";

const ROUTINGS = ["fill-first", "random", "single"] as const;

export interface Spread {
  /** Its name. */
  readonly service: string;
  readonly instances: number;
  readonly concurrency: number;
  readonly routing: (typeof ROUTINGS)[number];
  /** Whether what is too much goes to a backend of the deployer's own. */
  readonly overflows: boolean;
  /** In milliseconds. */
  readonly sleepAfterMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads what is set for a service; what is not, or means nothing, is 4 requests a container, and fill-first. */
export function spreadOf(service: Service, env: Env): Spread {
  const name = service.name.toUpperCase() as "INSIGHTS" | "OCR" | "XET";
  const routing = ROUTINGS.find((each) => each === env[`${name}_ROUTING`]) ?? "fill-first";
  return {
    service: service.name,
    instances: routing === "single" ? 1 : service.instances(env),
    concurrency: Math.max(1, Math.trunc(Number(env[`${name}_CONCURRENCY`])) || 4),
    routing,
    overflows: env[`${name}_UPSTREAM_OVERFLOW`] === "true",
    sleepAfterMs: milliseconds(env[`${name}_SLEEP_AFTER`]),
  };
}

/** A time as the containers' library has it: a number with s, m or h. Throws nothing: that refuses what it can't read. */
function milliseconds(given: string): number {
  const [, number, unit = "s"] = /^(\d+)([smh])$/.exec(given) ?? [];
  return (Number(number) || 60) * (UNITS[unit] ?? 1_000);
}
