/** What describes the services and shows them: static files, made by `offing edge docs`. */

import type { Asked } from "./asked";
import { NOT_FOUND, Refused } from "./problems";

/** The paths that are answered, and the files behind them. */
export const PAGES: Readonly<Record<string, string>> = {
  "/docs": "/docs.html",
  "/openapi.json": "/openapi.json",
  "/console": "/console/index.html",
  "/console/console.css": "/console/console.css",
  "/console/asking.js": "/console/asking.js",
  "/console/console.js": "/console/console.js",
  "/console/panels.js": "/console/panels.js",
};

/** The types of the files, by the ends of their names. */
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
};

/** What stands in the files for the address at which the Worker is asked. */
const ADDRESS = "https://offing.example";
/** The page of descriptions has neither script nor anything from elsewhere. */
const READ_ONLY = "default-src 'none'; style-src 'unsafe-inline'";
/** The console has scripts of this server alone, which can make no markup out of text. */
const CONSOLE =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** The file behind a path of {@link PAGES}; a {@link NOT_FOUND} where the Worker is deployed without files. */
export async function page({ path, request, env, requestId }: Asked): Promise<Response> {
  const name = PAGES[path] ?? path;
  const file = await env.ASSETS?.fetch(new URL(name, ADDRESS), { headers: { Accept: "*/*" } });
  if (!file?.ok) throw new Refused(NOT_FOUND);
  const text = (await file.text()).replaceAll(ADDRESS, new URL(request.url).origin);
  return new Response(text, {
    headers: {
      "Cache-Control": "no-cache",
      "Content-Security-Policy": name.startsWith("/console/") ? CONSOLE : READ_ONLY,
      "Content-Type": TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain",
      "X-Request-ID": requestId,
    },
  });
}
