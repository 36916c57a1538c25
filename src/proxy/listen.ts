import type { Server } from "bun";

import { codeOf, KeyCycleError } from "../error.ts";
import type { Log } from "../observe/log.ts";
import { formatError } from "../providers/error-format.ts";
import { accept } from "./accept.ts";
import { isOwnPath, ownPages } from "./own-pages.ts";
import { readTarget } from "./request-target.ts";
import type { Serving } from "./serving.ts";

/** Bun closes a connection on which nothing moves for this long while a request is read; its own bound is 255 s. */
const IDLE_MARGIN_S = 5;
const MAX_IDLE_S = 255;

/**
 * The listening server. Elysia answers KeyCycle's own paths; everything else goes straight to an upstream,
 * since a router in between would cost each request the making of a context that nothing reads.
 *
 * @throws KeyCycleError `serve/listen` where the address cannot be listened on
 */
export function listen(serving: Serving, log: Log, host: string, port: number): Server<undefined> {
  const pages = ownPages(serving);
  const readTimeoutS = Math.ceil(serving.runtime.config.server.readTimeoutMs / 1000);
  try {
    return Bun.serve({
      hostname: host,
      port,
      development: false,
      // Left out, a second KeyCycle would take half of the first one's requests unseen.
      reusePort: false,
      // Bodies are read, and held to bounds, by `readBody`.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      idleTimeout: Math.min(MAX_IDLE_S, readTimeoutS + IDLE_MARGIN_S),
      fetch(request, server) {
        const target = readTarget(request.url);
        return isOwnPath(target.path)
          ? pages.handle(request)
          : accept(request, target, server, serving, log, Date.now());
      },
      error: (error) => answerBug(error, log),
    });
  } catch (error) {
    throw cannotListen(host, port, error);
  }
}

/** A bug: its message may hold anything, so only its kind is told outside. */
function answerBug(error: Error, log: Log): Response {
  log.message("error", "A request failed inside KeyCycle", { error: codeOf(error), stack: stackOf(error) });
  const body = formatError("openai", {
    status: 500,
    code: "internal_error",
    message: "KeyCycle failed on this request; its log says where.",
  });
  return new Response(body, { status: 500, headers: { "content-type": "application/json" } });
}

/** Where a bug was thrown, without its message, which may quote data. */
function stackOf(error: Error): string {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 4)
    .join(" ")
    .trim();
}

function cannotListen(host: string, port: number, error: unknown): KeyCycleError {
  const code = codeOf(error);
  const reason =
    code === "EADDRINUSE"
      ? `port ${port} is in use already. Stop what uses it, or choose another with --port`
      : code === "EACCES"
        ? `port ${port} may not be used without more rights. Choose one above 1023 with --port`
        : `${code}. Is "${host}" an address of this machine?`;
  return new KeyCycleError("serve/listen", `Cannot listen on ${host}:${port}: ${reason}.`);
}
