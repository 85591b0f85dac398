/** Keeps containers awake, so that no request waits for a start. Off unless services are named and a cron is set. */

import { deployed } from "./services";

/**
 * How long a container is kept awake by one run, in milliseconds: longer than from one minute's run to the next, which
 * may come late. A cron that runs more seldom lets it sleep in between.
 */
const HOLD = 150_000;

/** Starts the first container of each service that KEEP_WARM names, and keeps it awake until the next run. */
export async function keepWarm(env: Env): Promise<void> {
  const named = (env.KEEP_WARM ?? "").split(/[\s,]+/);
  const services = deployed(env).filter(({ name }) => named.includes(name));
  await Promise.all(
    services.map(async ({ name, containers }) => {
      const binding = containers(env);
      try {
        await binding.get(binding.idFromName("instance-0")).warm(HOLD);
      } catch (error) {
        console.error(JSON.stringify({ event: "keep-warm-failed", service: name, cause: String(error) }));
      }
    }),
  );
}
