/** The Worker: the way of a request is the list below. What a path means is the services' business. */

import { cachedAnswers } from "./answers/step";
import { Asked, type Step, through } from "./asked";
import { dressed } from "./dressed";
import { storedFiles } from "./files/step";
import { fromOutside } from "./incoming";
import { instance } from "./instance";
import { consumed } from "./jobs/consumer";
import { jobs } from "./jobs/step";
import { keepWarm } from "./keep_warm";
import { keyed } from "./keyed";
import { limited } from "./limited";
import { answered, noted } from "./noted";
import { own } from "./own";
import { upstream } from "./upstream";

export { Insights, Ocr, Xet } from "./container";
export { Dispatcher } from "./dispatcher/dispatcher";
export { Job } from "./jobs/job";

/** The steps of every request, from the outermost to the container. */
const STEPS: readonly Step[] = [noted, dressed, answered, own, keyed, limited, jobs, cachedAnswers, storedFiles, upstream, instance];

/** Those of a job's work, whose request has been let in when the job was made. */
const JOB_STEPS: readonly Step[] = STEPS.slice(STEPS.indexOf(jobs) + 1);

export default {
  fetch(request, env, ctx): Promise<Response> {
    return through(STEPS, new Asked(fromOutside(request), env, ctx));
  },
  queue(batch, env, ctx): Promise<void> {
    return consumed(batch, env, ctx, (asked) => through(JOB_STEPS, asked));
  },
  scheduled(_controller, env): Promise<void> {
    return keepWarm(env);
  },
} satisfies ExportedHandler<Env>;
