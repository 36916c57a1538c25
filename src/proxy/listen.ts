import type { Server } from "bun";

import { codeOf, KeyCycleError } from "../error.ts";
import type { Log } from "../observe/log.ts";
import { accept } from "./accept.ts";
import { tellBug } from "./bug.ts";
import { isOwnPath, ownPages } from "./own-pages.ts";
import { readTarget } from "./request-target.ts";
import type { Serving } from "./serving.ts";
import { type ClientSide, clientHandlers } from "./websocket/client-side.ts";

/** Bun closes a connection on which nothing moves for this long while a request is read; its own bound is 255 s. */
const IDLE_MARGIN_S = 5;
const MAX_IDLE_S = 255;

/**
 * The listening server. Elysia answers KeyCycle's own paths; everything else goes straight to an upstream,
 * since a router in between would cost each request the making of a context that nothing reads.
 *
 * @throws KeyCycleError `serve/listen` where the address cannot be listened on
 */
export function listen(serving: Serving, log: Log, host: string, port: number): Server<ClientSide> {
  const pages = ownPages(serving);
  const { readTimeoutMs, maxBodyBytes } = serving.runtime.config.server;
  const readTimeoutS = Math.ceil(readTimeoutMs / 1000);
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
      websocket: clientHandlers(maxBodyBytes),
      // `accept` answers for its own; this is what none of them saw.
      error(error) {
        tellBug(error, log, undefined);
        return Response.json(
          { error: "KeyCycle failed on this request; its log says where." },
          { status: 500 },
        );
      },
    });
  } catch (error) {
    throw cannotListen(host, port, error);
  }
}

function cannotListen(host: string, port: number, error: unknown): KeyCycleError {
  const code = codeOf(error);
  const reason =
    code === "EADDRINUSE"
      ? `port ${port} is in use already. Stop what uses it, or choose another with --port`
      : code === "EACCES"
        ? `port ${port} may not be used without more rights. Choose one above 1023 with --port`
        : `${code}. Choose an address of this machine with --host, or 127.0.0.1`;
  return new KeyCycleError("serve/listen", `Cannot listen on ${host}:${port}: ${reason}.`);
}
