const HEADER_END = Buffer.from("\r\n\r\n");

/** A field name is looked for in this much of a part's headers; they are a few lines. */
const MAX_PART_HEADER_BYTES = 4096;

/** The boundary that a `multipart/form-data` content type names (RFC 7578 §4.1); undefined for any other type. */
export function multipartBoundary(contentType: string): string | undefined {
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** A text field of a form; its value stands at these byte offsets, the end exclusive. */
export interface FormField {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The value of a text field of a form, wherever it stands among the parts. Files are passed over by
 * native search for the boundary, never copied.
 *
 * @returns undefined where the form has no such field; `"malformed"` where it is no form, or has the
 * field twice: servers differ on which counts
 */
export function findFormField(
  body: Buffer,
  boundary: string,
  field: string,
  isWhole = true,
): FormField | undefined | "malformed" {
  // A boundary counts only at the start of a line (RFC 2046 §5.1.1).
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const first = body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))
    ? -2
    : body.indexOf(delimiter);
  if (first === -1) return "malformed";
  let found: FormField | undefined;
  let at = first;
  for (;;) {
    const headersStart = at + delimiter.length;
    if (body[headersStart] === 0x2d && body[headersStart + 1] === 0x2d) return found;
    const headersEnd = body.indexOf(HEADER_END, headersStart);
    if (headersEnd < 0) return isWhole ? "malformed" : found;
    const next = body.indexOf(delimiter, headersEnd);
    if (next < 0) return isWhole ? "malformed" : found;
    const headers = body.toString(
      "utf8",
      headersStart,
      Math.min(headersEnd, headersStart + MAX_PART_HEADER_BYTES),
    );
    if (fieldName(headers) === field) {
      if (found !== undefined) return "malformed";
      const start = headersEnd + HEADER_END.length;
      found = { value: body.toString("utf8", start, next), start, end: next };
    }
    at = next;
  }
}

function fieldName(headers: string): string | undefined {
  const disposition = /^content-disposition:\s*form-data\b(.*)$/im.exec(headers)?.[1] ?? "";
  // Parameters are taken one after the other, so that a file's name cannot pass for a field's.
  for (const [, parameter, quoted, bare] of disposition.matchAll(
    /;\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g,
  )) {
    if (parameter?.toLowerCase() === "name") return quoted ?? bare;
  }
  return undefined;
}
