import type { Exchange } from "../exchange.ts";
import type { UpstreamKey } from "../runtime.ts";
import { hereOf, withoutBase } from "./here.ts";
import { sessionId } from "./path-ids.ts";
import { rememberAll } from "./remember-all.ts";
import { uploadPass } from "./upload-pass.ts";

/** Where Google tells a client to send the bytes, and the end, of an upload (https://ai.google.dev/api/files). */
const URL_HEADERS = ["x-goog-upload-url", "x-goog-upload-control-url"];

/**
 * Makes the URLs of an upload, which point at the upstream, lead back here, and remembers whose the upload
 * is. One at another host than the key's stays as it is: Google's sessions need no key.
 *
 * @param headers  of the answer, changed in place
 */
export function bringUploadBack(exchange: Exchange, key: UpstreamKey, headers: Headers): void {
  for (const name of URL_HEADERS) {
    const value = headers.get(name);
    const url = value !== null && URL.canParse(value) ? new URL(value) : undefined;
    const session = url?.searchParams.get("upload_id");
    if (url?.origin !== key.base.origin || typeof session !== "string") continue;
    rememberAll(exchange, key, [sessionId(session)]);
    // A credential in there would be the key's own, and stand in the way of the client's pass.
    if (url.searchParams.has("key")) url.searchParams.delete("key");
    const path = withoutBase(url.pathname, key.base);
    headers.set(name, `${hereOf(exchange)}${path}${url.search}${passOf(exchange, session)}`);
  }
}

function passOf({ runtime, client }: Exchange, session: string): string {
  const known = runtime.clients.find(({ name }) => name === client);
  return known === undefined ? "" : `&key=${uploadPass(known, session)}`;
}
