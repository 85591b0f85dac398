/** What describes the services, to read and for programs: static files, made by `offing edge docs`. */

import type { Asked } from "./asked";
import { NOT_FOUND, Refused } from "./problems";

/** The paths that are answered, and the files behind them. */
export const PAGES: Readonly<Record<string, string>> = { "/docs": "/docs.html", "/openapi.json": "/openapi.json" };

/** What stands in the files for the address at which the Worker is asked. */
const ADDRESS = "https://offing.example";
/** The page has neither script nor anything from elsewhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The file behind a path of {@link PAGES}; a {@link NOT_FOUND} where the Worker is deployed without files. */
export async function page({ path, request, env, requestId }: Asked): Promise<Response> {
  const file = await env.ASSETS?.fetch(new URL(PAGES[path] ?? path, ADDRESS), { headers: { Accept: "*/*" } });
  if (!file?.ok) throw new Refused(NOT_FOUND);
  const text = (await file.text()).replaceAll(ADDRESS, new URL(request.url).origin);
  return new Response(text, {
    headers: {
      "Cache-Control": "no-cache",
      "Content-Security-Policy": POLICY,
      "Content-Type": path === "/docs" ? "text/html; charset=utf-8" : "application/json",
      "X-Request-ID": requestId,
    },
  });
}
