/** What a client may choose: enough for a UUID or a trace, and nothing that could break a log line. */
const SANE = /^[\w.:/+=@-]{1,128}$/;

/** The client's `x-request-id` where it is sane, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("x-request-id");
  return given !== null && SANE.test(given) ? given : `kc_${Bun.randomUUIDv7("base64url")}`;
}
