/** What is shorter is a word such as `none`, which servers without keys are given, and may stand anywhere. */
const MIN_LENGTH = 8;

/**
 * Overwrites a key that an upstream repeats in an error, so that no client learns it: some servers quote
 * the credential that they refuse, or the request's headers. The length stays, as headers may tell it.
 *
 * @returns the same bytes where the key is not in them
 */
export function maskSecret(bytes: Buffer, secret: string): Buffer {
  if (secret.length < MIN_LENGTH || !bytes.includes(secret)) return bytes;
  return Buffer.from(
    bytes.toString("latin1").replaceAll(asLatin1(secret), (found) => "*".repeat(found.length)),
    "latin1",
  );
}

/** As `maskSecret`, in place, for the values of headers. */
export function maskInHeaders(headers: Headers, secret: string): void {
  if (secret.length < MIN_LENGTH) return;
  const names = new Set<string>();
  for (const [name, value] of headers) if (value.includes(secret)) names.add(name);
  const masked = (value: string) => value.replaceAll(secret, "*".repeat(secret.length));
  for (const name of names) {
    // The only one of which there may be several that cannot be told as one.
    const values = name === "set-cookie" ? headers.getSetCookie() : [headers.get(name) ?? ""];
    headers.delete(name);
    for (const value of values) headers.append(name, masked(value));
  }
}

function asLatin1(secret: string): string {
  return Buffer.from(secret, "utf8").toString("latin1");
}
