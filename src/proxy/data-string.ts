/** A shorter one is counted as text, which comes to about the same. */
const LEAST_BYTES = 4_000;

const SAMPLE_BYTES = 64;

/** Base64 and base64url; a backslash escapes a slash or a line break. */
const BASE64 = /^[A-Za-z0-9+/_=\\-]+$/;

/**
 * Whether a string of a JSON text is data, such as an image, rather than words: long, and base64 or a
 * `data:` URL of it. Only samples are looked at.
 *
 * @param start  offset of the opening quote
 * @param end    offset after the closing quote
 */
export function isDataString(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < LEAST_BYTES) return false;
  const isBase64 = (at: number) => BASE64.test(bytes.toString("latin1", at, at + SAMPLE_BYTES));
  return (
    isBase64((start + end) >> 1) &&
    isBase64(end - 1 - SAMPLE_BYTES) &&
    (isBase64(start + 1) || bytes.toString("latin1", start + 1, start + 6) === "data:")
  );
}
