const HEADER_END = Buffer.from("\r\n\r\n");
const CRLF = HEADER_END.subarray(2);
const DASH = 0x2d;

/** A part's headers are a few lines, and the fields that are looked for hold names. */
const MAX_HELD_BYTES = 8 * 1024;

/** A text field of a form; its value stands at these byte offsets of the form, the end exclusive. */
export interface FormField {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a form (RFC 7578) as it arrives, for the values of text fields, wherever they stand among the
 * parts. Files are passed over by native search for the boundary, never copied.
 */
export class FormScan {
  /** Those that were found so far. */
  readonly fields: FormField[] = [];
  /** `malformed`: it is no form, or has the one field twice, and servers differ on which counts. */
  state: "open" | "ended" | "malformed" = "open";
  /** Its first boundary has been seen. */
  hasBegun = false;
  readonly #name: string | ((name: string) => boolean);
  readonly #delimiter: Buffer;
  #step: "content" | "headers" | "value" = "content";
  /** What was fed and still counts: the headers or the value under way, or what may be half a delimiter. */
  #kept: Buffer;
  #fedBytes = 0;

  /** @param name  of the one field that is looked for, or whether one of a name is */
  constructor(boundary: string, name: string | ((name: string) => boolean)) {
    this.#name = name;
    // A boundary counts only at the start of a line (RFC 2046 §5.1.1), as the start of the form is.
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#kept = CRLF;
  }

  /** The first; undefined while none has been found. */
  get field(): FormField | undefined {
    return this.fields[0];
  }

  feed(chunk: Uint8Array): void {
    const fedBefore = this.#fedBytes;
    this.#fedBytes += chunk.length;
    if (this.state !== "open") return;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const kept = this.#kept;
    if (this.#step !== "content") this.#read(Buffer.concat([kept, bytes]), 0, fedBefore - kept.length);
    else this.#read(bytes, this.#readSeam(kept, bytes), fedBefore);
  }

  /** Looks for a delimiter that was cut between two chunks; returns where in the second one to go on. */
  #readSeam(kept: Buffer, bytes: Buffer): number {
    const delimiter = this.#delimiter;
    const seam = Buffer.concat([kept, bytes.subarray(0, delimiter.length - 1)]);
    const found = seam.indexOf(delimiter);
    // A short chunk may be less than the rest of a delimiter.
    this.#kept = seam.subarray(-(delimiter.length - 1));
    if (found < 0) return 0;
    this.#step = "headers";
    return found + delimiter.length - kept.length;
  }

  /** @param offset  of the bytes in the form */
  #read(bytes: Buffer, from: number, offset: number): void {
    let at: number | undefined = from;
    while (at !== undefined && this.state === "open") {
      at =
        this.#step === "headers"
          ? this.#readHeaders(bytes, at)
          : this.#step === "value"
            ? this.#readValue(bytes, at, offset)
            : this.#passContent(bytes, at);
    }
  }

  /** The offset at which to go on; undefined where more is needed. */
  #passContent(bytes: Buffer, at: number): number | undefined {
    const { length } = this.#delimiter;
    const next = bytes.indexOf(this.#delimiter, at);
    if (next >= 0) {
      this.#step = "headers";
      return next + length;
    }
    // Bytes that are fewer, all of them content, were kept with the seam.
    if (at > 0 || bytes.length >= length - 1)
      this.#kept = Buffer.from(bytes.subarray(Math.max(at, bytes.length - (length - 1))));
    return undefined;
  }

  #readHeaders(bytes: Buffer, at: number): number | undefined {
    this.hasBegun = true;
    if (bytes[at] === DASH && bytes[at + 1] === DASH) {
      this.state = "ended";
      return undefined;
    }
    const end = bytes.indexOf(HEADER_END, at);
    if (end < 0 || end - at > MAX_HELD_BYTES) return this.#keep(bytes, at);
    this.#step = this.#isWanted(fieldName(bytes.toString("utf8", at, end))) ? "value" : "content";
    // The line break before the content may be that of a delimiter, where there is no content.
    return end + CRLF.length;
  }

  /** @param at  of the line break before the value */
  #readValue(bytes: Buffer, at: number, offset: number): number | undefined {
    const end = bytes.indexOf(this.#delimiter, at);
    if (end < 0 || end - at > MAX_HELD_BYTES) return this.#keep(bytes, at);
    if (this.field !== undefined && typeof this.#name === "string") {
      this.state = "malformed";
      return undefined;
    }
    const start = at + CRLF.length;
    const value = bytes.toString("utf8", start, end);
    this.fields.push({ value, start: offset + start, end: offset + end });
    this.#step = "headers";
    return end + this.#delimiter.length;
  }

  #isWanted(field: string | undefined): boolean {
    const name = this.#name;
    return typeof name === "string" ? field === name : field !== undefined && name(field);
  }

  #keep(bytes: Buffer, at: number): undefined {
    if (bytes.length - at > MAX_HELD_BYTES) this.state = "malformed";
    else this.#kept = Buffer.from(bytes.subarray(at));
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
