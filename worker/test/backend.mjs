/**
 * Backends for the tests of hybrid services, as real servers are met: over a socket. The first part of a path says
 * how it behaves and, after a dot, which test it belongs to; what follows is what the Worker asks for.
 *
 * It runs in Node beside the tests, which is why it is no TypeScript of theirs.
 */

import { createServer } from "node:http";

/** How often each was asked. */
const counts = new Map();
/** Those that have been healed. */
const well = new Set();

const problem = (response, status, headers = {}) => response.writeHead(status, headers).end("not well");

/** What the service would say: all of what it was asked. */
function echo(request, response, body, headers = {}) {
  const { method, url } = request;
  const told = JSON.stringify({ method, path: url.slice(url.indexOf("/", 1)), headers: request.headers, body });
  response.writeHead(200, { "Content-Length": Buffer.byteLength(told), ...headers }).end(told);
}

const BEHAVIOURS = {
  echo,
  breaks: (request) => request.socket.destroy(),
  hangs: () => undefined,
  half: (request, response) => {
    response.writeHead(200, { "Content-Length": "10" }).write("half ");
    setTimeout(() => request.socket.destroy(), 50);
  },
  foreign: (_, response) => response.removeHeader("X-Request-ID") ?? response.writeHead(200).end("Please sign in"),
  locked: (_, response) => problem(response, 401, { "WWW-Authenticate": 'ApiKey header="X-API-Key"' }),
  stranger: (_, response) => problem(response, 401, { "WWW-Authenticate": "Bearer" }),
  moves: (request, response) => response.writeHead(307, { Location: `http://${request.headers.host}/api/other?a=1` }).end(),
  leaves: (_, response) => response.writeHead(302, { Location: "https://elsewhere.example/" }).end(),
  talks: (request, response, body) =>
    echo(request, response, body, {
      "Set-Cookie": "a=b",
      Server: "its name",
      "Access-Control-Allow-Origin": "https://its.example",
      "X-Offing-State": "draining",
      "Server-Timing": "decode;dur=1",
      Link: `<http://${request.headers.host}/api/models?cursor=2>; rel="next"`,
    }),
  large: (_, response) => {
    const part = Buffer.alloc(1 << 16, "x");
    let left = 64;
    response.writeHead(200, { "Content-Length": left * part.length });
    const send = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(part)) return void response.once("drain", send);
      }
      response.end();
    };
    send();
  },
};

async function answer(request, response) {
  const [, first, ...rest] = request.url.split("/");
  if (first === "count") return response.end(String(counts.get(rest.join("/")) ?? 0));
  if (first === "heal") return response.end(String(well.add(rest.join("/")).size));
  counts.set(first, (counts.get(first) ?? 0) + 1);
  const [behaviour] = first.split(".");
  response.setHeader("X-Request-ID", request.headers["x-request-id"] ?? "none");
  if (behaviour === "breaks") return request.socket.destroy();
  let body = "";
  for await (const part of request) body += part;
  if (/^\d{3}$/.test(behaviour)) {
    return well.has(first) ? echo(request, response, body) : problem(response, Number(behaviour));
  }
  return BEHAVIOURS[behaviour](request, response, body);
}

/** Starts the server, and tells the tests where it is. */
export default async function setup(project) {
  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  project.provide("backend", `http://127.0.0.1:${server.address().port}`);
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
