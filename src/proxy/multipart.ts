import { type FormField, FormScan } from "./form-scan.ts";

/** For whoever sent a form that is `malformed`. */
export const MALFORMED_FORM =
  "The multipart body does not hold what its boundary promises, or has the model twice.";

/** The boundary that a `multipart/form-data` content type names (RFC 7578 §4.1); undefined for any other type. */
export function multipartBoundary(contentType: string): string | undefined {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * The value of a text field of a form, wherever it stands among the parts.
 *
 * @param isWhole  false where the form goes on behind the bytes
 * @returns undefined where the form has no such field; `"malformed"` as `FormScan.state`
 */
export function findFormField(
  body: Buffer,
  boundary: string,
  field: string,
  isWhole = true,
): FormField | undefined | "malformed" {
  const scan = new FormScan(boundary, field);
  scan.feed(body);
  if (scan.state === "malformed" || !scan.hasBegun) return "malformed";
  return isWhole && scan.state === "open" ? "malformed" : scan.field;
}
