import type { KnownSecrets } from "./known-secrets.ts";

/** What a client may choose: enough for a UUID or a trace, and nothing that could break a log line. */
const SANE = /^[\w.:/+=@-]{1,128}$/;

/** New for each process; the number behind it tells its requests apart. */
const PREFIX = `kc_${Bun.randomUUIDv7("base64url")}-`;

let made = 0;

/** The client's `x-request-id` where it is sane and no secret, else a new one. */
export function requestIdOf(headers: Headers, secrets: Pick<KnownSecrets, "isIn">): string {
  const given = headers.get("x-request-id");
  if (given !== null && SANE.test(given) && !secrets.isIn(given)) return given;
  made += 1;
  return PREFIX + made.toString(36);
}
