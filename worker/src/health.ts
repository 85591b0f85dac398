/** How the services are, without waking anything. */

import { version } from "../package.json";
import type { Status } from "./container";
import { deployed, type Service } from "./services";
import { within } from "./within";

/** How long an object may take to tell, in milliseconds; what hangs is unknown. */
const PATIENCE = 1_000;
const UNKNOWN: Status = { state: "unknown", underway: 0 };
/** From the furthest awake. */
const ORDER = ["awake", "starting", "failed", "asleep"] as const;

/** Each deployed service's containers, and its own state: that of the one that is furthest awake. */
export async function health(env: Env): Promise<object> {
  const states = deployed(env).map(async (service) => [service.name, await stateOf(service, env)] as const);
  return { status: "healthy", service: "offing", version, services: Object.fromEntries(await Promise.all(states)) };
}

async function stateOf(service: Service, env: Env): Promise<object> {
  const binding = service.containers(env);
  const names = Array.from({ length: service.instances(env) }, (_, index) => `instance-${index}`);
  const instances = await Promise.all(
    names.map(async (name) => {
      const asking = (async () => binding.get(binding.idFromName(name)).condition())();
      const { state, underway } = await within(PATIENCE, asking).catch(() => UNKNOWN);
      return { name, state, underway };
    }),
  );
  const state = ORDER.find((each) => instances.some((instance) => instance.state === each)) ?? "unknown";
  return { state, instances };
}
