import { timingSafeEqual } from "node:crypto";

import { CLIENT_TOKEN, UPSTREAM_KEY } from "./payloads.ts";

/*
 * The least that a relay written for Bun can do which checks a token, reads the model, takes turns between
 * keys, notes what their limits are and what was used, and logs: `bun leanest-rotator.ts <port> <origin>`.
 * What of KeyCycle's distance from the barest relay is Bun's price for that work at all, it shows. It gets
 * by without all that makes a rotator of use: no failover, no deadlines, no client that leaves, no secrecy.
 */

const [port, origin] = process.argv.slice(2);

const FLUSH_MS = 25;
const CLIENT_ONLY = ["x-api-key", "api-key", "x-goog-api-key", "openai-organization", "openai-project"];
const HOP_BY_HOP = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

interface Key {
  readonly name: string;
  readonly secret: string;
  readonly left: { requests: number; tokens: number };
}

const keys: readonly Key[] = ["a", "b", "c", "d", "e"].map((name) => ({
  name,
  secret: `${UPSTREAM_KEY}-${name}`,
  left: { requests: Number.POSITIVE_INFINITY, tokens: Number.POSITIVE_INFINITY },
}));
const tokenHash = Bun.SHA256.hash(CLIENT_TOKEN);
const presentedHash = new Uint8Array(32);
const lines: string[] = [];
let turn = 0;

setInterval(() => {
  if (lines.length > 0) process.stdout.write(`${lines.splice(0).join("\n")}\n`);
}, FLUSH_MS);

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  idleTimeout: 0,
  routes: { "/health": new Response("ok") },
  async fetch(request) {
    const at = Date.now();
    const { headers, method, url } = request;
    Bun.SHA256.hash(headers.get("authorization")?.slice("Bearer ".length) ?? "", presentedHash);
    if (!timingSafeEqual(presentedHash, tokenHash)) return new Response(null, { status: 401 });

    const body = await request.arrayBuffer();
    const model = readField(JSON.parse(Buffer.from(body).toString()), "model");
    turn += 1;
    const key = keys[turn % keys.length]!;
    for (const name of CLIENT_ONLY) headers.delete(name);
    for (const name of HOP_BY_HOP) headers.delete(name);
    headers.delete("host");
    headers.delete("content-length");
    headers.set("authorization", `Bearer ${key.secret}`);
    const path = url.slice(url.indexOf("/", "http://".length));
    const answer = await fetch(origin + path, { method, headers, body, decompress: false });

    const { status } = answer;
    key.left.requests = Number(answer.headers.get("x-ratelimit-remaining-requests"));
    key.left.tokens = Number(answer.headers.get("x-ratelimit-remaining-tokens"));
    for (const name of HOP_BY_HOP) answer.headers.delete(name);
    answer.headers.set("x-keycycle-key", key.name);
    const end = (usage: unknown) =>
      void lines.push(
        JSON.stringify({ at, method, path, model, key: key.name, status, ms: Date.now() - at, usage }),
      );
    if (answer.headers.has("content-length")) {
      const bytes = await answer.arrayBuffer();
      end(readField(JSON.parse(Buffer.from(bytes).toString()), "usage"));
      return new Response(bytes, { status, headers: answer.headers });
    }
    return new Response(pump(answer, end), { status, headers: answer.headers });
  },
});

function readField(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** As a stream that is read on its way: its usage stands in one of the last chunks. */
function pump(answer: Response, end: (usage: unknown) => void): ReadableStream {
  const reader = answer.body!.getReader();
  return new ReadableStream({
    type: "direct",
    async pull(sink) {
      let before: Uint8Array | undefined;
      let last: Uint8Array | undefined;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        before = last;
        last = value;
        const written = sink.write(value);
        if (typeof written !== "number") await written;
      }
      sink.close();
      const tail = Buffer.concat([before, last].filter((chunk) => chunk !== undefined)).toString();
      end(/"usage":(\{[^}]*\})/.exec(tail)?.[1]);
    },
  });
}
