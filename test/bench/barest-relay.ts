import { UPSTREAM_KEY } from "./payloads.ts";

/*
 * The least that a relay written for Bun can do, and so what KeyCycle is measured against:
 * `bun barest-relay.ts <port> <origin>`. It knows no keys, models, limits, retries or logs.
 */

const [port, origin] = process.argv.slice(2);

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  idleTimeout: 0,
  async fetch(request) {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${UPSTREAM_KEY}`);
    const upstream = await fetch(origin + request.url.slice(request.url.indexOf("/", "http://".length)), {
      method: request.method,
      headers,
      body: request.method === "GET" ? undefined : await request.arrayBuffer(),
      decompress: false,
    });
    return new Response(upstream.body, { status: upstream.status, headers: upstream.headers });
  },
});
