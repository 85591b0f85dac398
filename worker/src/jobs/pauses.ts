/** How long a job waits before it is begun anew. */

import { positive } from "../settings";

const LONGEST = 3_600;
const FIRST = 10;

/** The pause before an attempt, in milliseconds: OFFING_JOBS_RETRY_SECONDS before the second, then 4 times longer. */
export function pauseBefore(attempt: number, env: Env): number {
  return 1000 * Math.min(LONGEST, positive(env.OFFING_JOBS_RETRY_SECONDS, FIRST) * 4 ** Math.max(0, attempt - 2));
}
