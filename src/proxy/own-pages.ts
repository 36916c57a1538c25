import { Elysia } from "elysia";

import type { Serving } from "./serving.ts";

const OWN_PATH = /^\/(?:health|ready|metrics|dashboard|admin)(?:\/|$)/;

/** Whether a path is KeyCycle's own; everything else is the upstream's. */
export function isOwnPath(path: string): boolean {
  return OWN_PATH.test(path);
}

/**
 * KeyCycle's own few paths. `/metrics`, `/dashboard` and `/admin` are reserved, so that a provider's are
 * never taken for ours.
 */
export function ownPages(serving: Serving) {
  return new Elysia({ strictPath: true })
    .get("/health", () => Response.json({ status: "ok" }))
    .get("/ready", () =>
      serving.draining
        ? Response.json({ status: "draining" }, { status: 503 })
        : Response.json({ status: "ready" }),
    )
    .all("/admin/*", ({ request }) => serving.admin?.(request) ?? notFound())
    .all("/health", readOnly)
    .all("/ready", readOnly)
    .all("/*", notFound);
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
