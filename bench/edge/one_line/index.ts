/** The least that there can be before a container: what the Worker is compared with. */

import { Container, getContainer } from "@cloudflare/containers";
import { env } from "cloudflare:workers";

interface Bindings {
  readonly ONE: DurableObjectNamespace<One>;
  /** What the container is told, as JSON. */
  readonly TOLD: string;
}

export class One extends Container<Bindings> {
  override defaultPort = 8080;
  override sleepAfter = "30m";
  override envVars = JSON.parse((env as unknown as Bindings).TOLD) as Record<string, string>;
}

export default {
  fetch: (request, { ONE }) => getContainer(ONE).fetch(request),
} satisfies ExportedHandler<Bindings>;
