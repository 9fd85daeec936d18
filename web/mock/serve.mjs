/**
 * Serves the built pages over an in-memory world: the console's on 127.0.0.1:8090, a node's on 8091.
 * Sign in as amina.khan@mssp.example (or dan.novak…) and as acme-admin or operator; the password is `mock`.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const here = fileURLToPath(new URL("..", import.meta.url));
const load = async (path) => (await runnerImport(join(here, path))).module;
const { console_, queue } = await load("mock/console.ts");
const { node } = await load("mock/node.ts");
const { makeWorld } = await load("mock/world.ts");

/** The same policy as the servers send. */
const CSP =
  "default-src 'self'; script-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const sessions = new Map();

async function page(dist, path, response) {
  const wanted = join(dist, normalize(path));
  const file = extname(path) ? wanted : join(dist, "index.html");
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": CSP,
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** Who is signed in is a matter of the cookie: two browsers are two people. */
function session(world, request, response) {
  const cookie = /mock=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? Math.random().toString(36).slice(2);
  const who = sessions.get(cookie) ?? { me: null, nodeMe: null };
  Object.assign(world, who);
  response.setHeader("set-cookie", `mock=${cookie}; Path=/; SameSite=Strict; HttpOnly`);
  return () => sessions.set(cookie, { me: world.me, nodeMe: world.nodeMe });
}

function live(world, url, request, response) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let last = "";
  const tick = () => {
    const text = JSON.stringify(queue(world, url.searchParams));
    if (text !== last) response.write(`event: page\ndata: ${text}\n\n`);
    last = text;
  };
  tick();
  const timer = setInterval(tick, 1500);
  request.on("close", () => clearInterval(timer));
}

function signedIn(world, request, response) {
  session(world, request, response);
  return world.me !== null;
}

async function api(world, handle, url, request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const path = url.pathname.replace("/api/v1/", "").split("/").map(decodeURIComponent);
  const remember = session(world, request, response);
  const body = text.startsWith("{") ? JSON.parse(text) : {};
  const reply = handle(world, { method: request.method, path, query: url.searchParams, body });
  remember();
  await new Promise((done) => setTimeout(done, reply.delay ?? 0));
  response.writeHead(reply.status, {
    "content-type": reply.status < 400 ? "application/json" : "application/problem+json",
  });
  response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
}

function serve(dist, port, handle) {
  const world = makeWorld();
  createServer((request, response) => {
    const url = new URL(request.url, "http://mock");
    if (url.pathname === "/api/v1/investigations/live" && signedIn(world, request, response))
      live(world, url, request, response);
    else if (url.pathname.startsWith("/api/v1/")) void api(world, handle, url, request, response);
    else void page(join(here, dist), url.pathname, response);
  }).listen(port, "127.0.0.1", () => process.stdout.write(`${dist}: http://127.0.0.1:${port}\n`));
}

serve("dist/console", Number(process.env.MOCK_CONSOLE_PORT ?? 8090), console_);
serve("dist/node", Number(process.env.MOCK_NODE_PORT ?? 8091), node);
