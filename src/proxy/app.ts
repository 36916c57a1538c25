import { Elysia } from "elysia";

import { codeOf } from "../error.ts";
import type { Log } from "../observe/log.ts";
import { formatError } from "../providers/error-format.ts";
import { accept, apiOfRequest } from "./accept.ts";
import type { Serving } from "./serving.ts";

/** Bun closes a connection on which nothing moves for this long while a request is read; its own bound is 255 s. */
const IDLE_MARGIN_S = 5;
const MAX_IDLE_S = 255;

/**
 * The HTTP application: KeyCycle's own few paths, and everything else on its way to an upstream.
 * `/metrics`, `/dashboard` and `/admin` are reserved, so that a provider's are never taken for ours.
 */
export function createApp(serving: Serving, log: Log) {
  return new Elysia({
    // Requests are read by `readBody`, paths matched as they came.
    strictPath: true,
    serve: {
      development: false,
      // Elysia's default would let a second KeyCycle take half of the first one's requests unseen.
      reusePort: false,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      idleTimeout: Math.min(
        MAX_IDLE_S,
        Math.ceil(serving.runtime.config.server.readTimeoutMs / 1000) + IDLE_MARGIN_S,
      ),
    },
  })
    .onError(({ error, request }) => {
      // A bug: its message may hold anything, so only its kind is told outside.
      log.message("error", "A request failed inside KeyCycle", {
        error: codeOf(error),
        stack: stackOf(error),
      });
      const body = formatError(apiOfRequest(request), {
        status: 500,
        code: "internal_error",
        message: "KeyCycle failed on this request; its log says where.",
      });
      return new Response(body, { status: 500, headers: { "content-type": "application/json" } });
    })
    .get("/health", () => Response.json({ status: "ok" }))
    .get("/ready", () =>
      serving.draining
        ? Response.json({ status: "draining" }, { status: 503 })
        : Response.json({ status: "ready" }),
    )
    .all("/health", readOnly)
    .all("/ready", readOnly)
    .all("/metrics", notFound)
    .all("/dashboard", notFound)
    .all("/dashboard/*", notFound)
    .all("/admin", notFound)
    .all("/admin/*", notFound)
    .all(
      "/*",
      ({ request, server }) => {
        if (server === null) throw new Error("The app serves nothing yet");
        return accept(request, server, serving, log, Date.now());
      },
      { parse: "none" },
    );
}

function readOnly(): Response {
  return Response.json(
    { error: "This path of KeyCycle's own takes GET and HEAD only." },
    { status: 405, headers: { allow: "GET, HEAD" } },
  );
}

function notFound(): Response {
  return Response.json({ error: "This path is reserved for KeyCycle and has nothing yet." }, { status: 404 });
}

/** Where a bug was thrown, without its message, which may quote data. */
function stackOf(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? "")
        .split("\n")
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 4)
        .join(" ")
        .trim()
    : "";
}
