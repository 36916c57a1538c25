/**
 * Overwrites a key that an upstream repeats in an error, so that no client learns it: some servers quote
 * the credential that they refuse, or the request's headers. The length stays, as headers may tell it.
 *
 * @returns the same bytes where the key is not in them
 */
export function maskSecret(bytes: Buffer, secret: string): Buffer {
  if (!bytes.includes(secret)) return bytes;
  return Buffer.from(
    bytes.toString("latin1").replaceAll(asLatin1(secret), (found) => "*".repeat(found.length)),
    "latin1",
  );
}

/** As `maskSecret`, in place, for the values of headers. */
export function maskInHeaders(headers: Headers, secret: string): void {
  for (const value of headers.values()) {
    if (!value.includes(secret)) continue;
    const repeating = [...headers].filter(([, each]) => each.includes(secret));
    for (const [name, each] of repeating)
      headers.set(name, each.replaceAll(secret, "*".repeat(secret.length)));
    return;
  }
}

function asLatin1(secret: string): string {
  return Buffer.from(secret, "utf8").toString("latin1");
}
