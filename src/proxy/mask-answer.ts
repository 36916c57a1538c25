import { decodeContent } from "./decode-content.ts";
import type { Answer } from "./judge.ts";
import { maskInHeaders, maskSecret } from "./mask-secret.ts";
import type { BodyReader } from "./relay.ts";

/** Larger bodies are relayed as streams, whose coding is left alone. */
const MAX_DECODED_BYTES = 4 * 1024 * 1024;

/**
 * An error as the client may see it: without the key, which some servers quote when they refuse it. A
 * compressed body that holds it is sent on uncompressed; a compressed stream is not looked into.
 */
export function maskAnswer(answer: Answer, secret: string): Answer {
  const { headers, body } = answer;
  maskInHeaders(headers, secret);
  const encoding = headers.get("content-encoding");
  if (body.kind === "whole") {
    const decoded = decodeContent(body.bytes, encoding, MAX_DECODED_BYTES);
    const seen = decoded ?? body.bytes;
    const masked = maskSecret(seen, secret);
    if (masked === seen) return answer;
    if (decoded !== undefined) headers.delete("content-encoding");
    return { ...answer, body: { kind: "whole", bytes: masked } };
  }
  if (body.kind !== "stream" || encoding !== null) return answer;
  return {
    ...answer,
    body: { ...body, head: [], reader: new MaskingReader(body.head, body.reader, secret) },
  };
}

/** Holds back the end of each chunk for as long as it may be the beginning of the key. */
class MaskingReader implements BodyReader {
  readonly #head: Uint8Array[];
  readonly #reader: BodyReader;
  readonly #secret: string;
  #held: Buffer = Buffer.alloc(0);

  constructor(head: readonly Uint8Array[], reader: BodyReader, secret: string) {
    this.#head = [...head];
    this.#reader = reader;
    this.#secret = secret;
  }

  async read(): ReturnType<BodyReader["read"]> {
    for (;;) {
      const chunk = this.#head.shift();
      const read = chunk === undefined ? await this.#reader.read() : { done: false as const, value: chunk };
      if (read.done && this.#held.length === 0) return { done: true };
      const seen = maskSecret(Buffer.concat([this.#held, read.value ?? new Uint8Array()]), this.#secret);
      const ready = read.done ? seen.length : seen.length - Buffer.byteLength(this.#secret) + 1;
      if (ready <= 0) {
        this.#held = seen;
        continue;
      }
      this.#held = seen.subarray(ready);
      return { done: false, value: seen.subarray(0, ready) };
    }
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }
}
