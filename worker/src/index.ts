/** The Worker: the way of a request is the list below. What a path means is the services' business. */

import { Asked, type Step, through } from "./asked";
import { instance } from "./instance";
import { answered, noted } from "./noted";
import { own } from "./own";

export { Insights, Ocr, Xet } from "./container";

/** The steps of every request, from the outermost to the container. */
const STEPS: readonly Step[] = [noted, answered, own, instance];

export default {
  fetch(request, env, ctx): Promise<Response> {
    return through(STEPS, new Asked(request, env, ctx));
  },
} satisfies ExportedHandler<Env>;
