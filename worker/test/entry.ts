/** The Worker under test, with the scripted platform put under its Durable Object. */

import { Insights as Deployed, Ocr as DeployedOcr, Xet as DeployedXet } from "../src/container";
import { platformOf } from "./platform";

export { Dispatcher } from "../src/dispatcher/dispatcher";
export { Job } from "../src/jobs/job";
export { default } from "../src/index";

/** The library drops what is less than a second of a time: SIGKILL comes 1 to 2 s after SIGTERM. */
const STOP_SECONDS = 2;

export class Insights extends Deployed {
  protected override readonly startLimit = 600;
  protected override readonly stopSeconds = STOP_SECONDS;
  protected override readonly stallLimit = 3_000;

  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => platformOf("insights", ctx.id.name) });
    super(ctx, env);
  }
}

export class Xet extends DeployedXet {
  protected override readonly startLimit = 600;
  protected override readonly stopSeconds = STOP_SECONDS;
  protected override readonly stallLimit = 3_000;

  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => platformOf("xet", ctx.id.name) });
    super(ctx, env);
  }
}

export class Ocr extends DeployedOcr {
  protected override readonly startLimit = 600;
  protected override readonly stopSeconds = STOP_SECONDS;
  protected override readonly stallLimit = 3_000;

  constructor(ctx: DurableObjectState<{}>, env: Env) {
    Object.defineProperty(ctx, "container", { get: () => platformOf("ocr", ctx.id.name) });
    super(ctx, env);
  }
}
