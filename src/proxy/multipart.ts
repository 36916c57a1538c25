const HEADER_END = Buffer.from("\r\n\r\n");

/** A field name is looked for in this much of a part's headers; they are a few lines. */
const MAX_PART_HEADER_BYTES = 4096;

/** The boundary that a `multipart/form-data` content type names (RFC 7578 §4.1); undefined for any other type. */
export function multipartBoundary(contentType: string): string | undefined {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * The value of a text field of a form, wherever it stands among the parts. Files are passed over by
 * native search for the boundary, never copied.
 *
 * @returns undefined where the form has no such field; `"malformed"` where it is no form
 */
export function findFormField(
  body: Buffer,
  boundary: string,
  field: string,
): { value: string } | undefined | "malformed" {
  const delimiter = Buffer.from(`--${boundary}`);
  let at = body.indexOf(delimiter);
  if (at < 0) return "malformed";
  for (;;) {
    const headersStart = at + delimiter.length;
    if (body[headersStart] === 0x2d && body[headersStart + 1] === 0x2d) return undefined;
    const headersEnd = body.indexOf(HEADER_END, headersStart);
    if (headersEnd < 0) return "malformed";
    const next = body.indexOf(delimiter, headersEnd);
    if (next < 0) return "malformed";
    const headers = body.toString(
      "utf8",
      headersStart,
      Math.min(headersEnd, headersStart + MAX_PART_HEADER_BYTES),
    );
    if (fieldName(headers) === field) {
      // The line break before the boundary belongs to the boundary (RFC 2046 §5.1.1).
      return { value: body.toString("utf8", headersEnd + HEADER_END.length, next - 2) };
    }
    at = next;
  }
}

function fieldName(headers: string): string | undefined {
  const disposition = /^content-disposition:\s*form-data\b(.*)$/im.exec(headers)?.[1];
  const match = disposition === undefined ? null : /;\s*name=(?:"([^"]*)"|([^;\s]+))/i.exec(disposition);
  return match?.[1] ?? match?.[2];
}
