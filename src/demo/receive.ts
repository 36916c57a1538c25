import type { IncomingMessage } from "node:http";

export interface ReceivedBody {
  /** Empty where it was larger than the limit. */
  readonly body: Uint8Array;
  readonly bytes: number;
}

/**
 * Reads a request's body to its end; past the limit it is counted but not kept.
 *
 * @param done called once; never for a client that goes away before the end
 */
export function receive(
  request: IncomingMessage,
  maxBytes: number,
  done: (received: ReceivedBody) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on("end", () => {
    const [first] = chunks;
    done({ body: chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks), bytes });
  });
}

/** Header fields by their names in lower case; repeated ones joined with a comma (RFC 9110 §5.3). */
export function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}
