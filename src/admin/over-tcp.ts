import { timingSafeEqual } from "node:crypto";

import type { AdminHandler } from "./app.ts";

/**
 * The same API on the proxy's own port: for whoever sends the token that the configuration names. Without
 * one there it answers nobody.
 *
 * @param tokenOf  the one in force
 */
export function overTcp(handle: AdminHandler, tokenOf: () => string | undefined): AdminHandler {
  return (request) => {
    const token = tokenOf();
    if (token === undefined) {
      const error =
        "The admin API answers here only with an admin.token in the configuration. On its own machine the commands of keycycle need none.";
      return Response.json({ error }, { status: 404 });
    }
    const sent = /^bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    if (isSame(sent.trim(), token)) return handle(request);
    const error = "The admin API asks for the admin.token of the configuration, as a bearer token.";
    return Response.json({ error }, { status: 401, headers: { "www-authenticate": "Bearer" } });
  };
}

/** Both sides are hashed, so that the time it takes tells nothing of the token, its length included. */
function isSame(sent: string, token: string): boolean {
  return timingSafeEqual(sha256(sent), sha256(token));
}

function sha256(text: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}
