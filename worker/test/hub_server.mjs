/**
 * The hub for the tests of stored files, as a real one is met: over a socket. Each test has a hub of its own below the
 * first part of the path: it PUTs there what to answer, and GETs what was asked.
 */

import { createServer } from "node:http";

/** By name: the token that is wanted, the answers by path, and what was asked. */
const hubs = new Map();

async function answer(request, response) {
  const [, name, ...rest] = request.url.split("/");
  if (request.method === "PUT") {
    let body = "";
    for await (const part of request) body += part;
    hubs.set(name, { asked: [], ...JSON.parse(body) });
    return response.end();
  }
  const hub = hubs.get(name);
  if (request.method === "GET") return response.end(JSON.stringify(hub.asked));
  const path = `/${rest.join("/")}`;
  hub.asked.push({ path, ...request.headers });
  if (hub.token && request.headers.authorization !== `Bearer ${hub.token}`) return response.writeHead(401).end();
  const { status = 404, headers = {}, hangs = false } = hub.answers[path] ?? {};
  if (!hangs) response.writeHead(status, headers).end();
}

/** Starts the server, and tells the tests where it is. */
export default async function setup(project) {
  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  project.provide("hub", `http://127.0.0.1:${server.address().port}`);
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
