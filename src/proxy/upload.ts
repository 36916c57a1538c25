import type { ClientBody } from "./client-body.ts";
import { freeChunk } from "./free-chunk.ts";
import type { HeldBytes } from "./held-bytes.ts";

/** What may be held of a body. */
export interface Hold {
  /** Of this one. */
  readonly mostBytes: number;
  /** Of all requests together. */
  readonly mostOfAllBytes: number;
  readonly ofAll: HeldBytes;
}

/** Learns whose turn it is while an upload is sent. */
export interface Turns {
  ofClient(): void;
  ofUpstream(): void;
}

/** So much is held of a body that may turn out too large to be held: enough to outlast a refusal at its beginning. */
const BEGINNING_BYTES = 8 * 1024 * 1024;

/** A whole body up to this is given to `fetch` as bytes, which copies it, but costs less than a stream. */
const SENT_AS_BYTES = 1024 * 1024;

/** Larger chunks are sent in pieces, so that the socket takes one before the next is copied for it. */
const PIECE_BYTES = 256 * 1024;

/**
 * A request's body that can be sent on while it arrives, at the pace of the slower side. What was read is
 * held, up to a bound, so that the body can be sent again to another key; past the bound it can be sent to
 * its end, but not from its beginning.
 */
export class Upload {
  /** It was there to its end before it was first sent. */
  isWhole = false;
  readonly #body: ClientBody;
  readonly #hold: Hold;
  #mostBytes: number;
  /** Of what was read: all that is held, or else what has not been sent. */
  #chunks: Uint8Array[] = [];
  /** The one to be sent next. */
  #next = 0;
  #isHeld = true;
  #heldBytes = 0;
  #reading: Promise<void> | undefined = undefined;
  /** Counts the sendings, of which only the last goes on. */
  #sendings = 0;

  constructor(body: ClientBody, hold: Hold) {
    this.#body = body;
    this.#hold = hold;
    this.#mostBytes = hold.mostBytes;
  }

  get body(): Readonly<ClientBody> {
    return this.#body;
  }

  /** What was read first. */
  get beginning(): Uint8Array {
    return this.#chunks[0] ?? new Uint8Array();
  }

  /** Whether all that was read is held, so that the body can be sent once more. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Reads on until that is enough, the body ends, no more may be held, or the client is at fault. */
  async readAhead(isEnough: () => boolean): Promise<void> {
    while (!isEnough() && this.#body.isOpen && this.#isHeld) await this.#readMore();
    this.isWhole = this.#body.hasEnded;
  }

  /** What was read ahead, made one piece. To be called before the body is first sent. */
  join(): Buffer {
    const head = join(this.#chunks, this.#body.readBytes);
    this.#chunks = [head];
    return head;
  }

  /**
   * The body from its beginning, for one attempt; an earlier sending goes no further.
   *
   * @param head  in place of what was joined
   */
  send(head: Buffer | undefined, turns: Turns): ReadableStream<Uint8Array> | Uint8Array | undefined {
    this.#sendings += 1;
    this.#next = 0;
    const { length } = this.#body;
    if (length === undefined || length > this.#hold.mostBytes)
      this.#mostBytes = Math.min(this.#hold.mostBytes, BEGINNING_BYTES);
    const isOnePiece = this.isWhole && this.#chunks.length === 1;
    const beginning = this.#shift();
    const first = head ?? beginning;
    if (isOnePiece && this.#body.readBytes <= SENT_AS_BYTES) return first;
    const sending = this.#sendings;
    return new ReadableStream({
      type: "direct",
      pull: async (sink) => {
        let chunk = first ?? (await this.#take(sending, turns));
        while (chunk !== undefined) {
          if (!(await this.#write(sink, chunk, sending, turns))) return;
          this.#expectLast(sending);
          if (!this.#isHeld && chunk !== first) freeChunk(chunk);
          chunk = await this.#take(sending, turns);
        }
        sink.close();
      },
    });
  }

  /** It is not sent again: nothing more is held than what is on its way. */
  letGo(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#hold.ofAll.give(this.#heldBytes);
    // The first may be looked at by others, and the last is being sent.
    for (const sent of this.#chunks.splice(0, this.#next).slice(1, this.#next - 1)) freeChunk(sent);
    this.#next = 0;
  }

  /** Whether it was taken: it is not where the answer was there before the end of the request. */
  async #write(
    sink: ReadableStreamDirectController,
    chunk: Uint8Array,
    sending: number,
    turns: Turns,
  ): Promise<boolean> {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.#expectLast(sending);
      const written = sink.write(chunk.subarray(at, at + PIECE_BYTES));
      if (written === 0) return false;
      if (typeof written !== "number") await written;
      turns.ofUpstream();
    }
    return true;
  }

  /** The next chunk to be sent; undefined at the end. */
  async #take(sending: number, turns: Turns): Promise<Uint8Array | undefined> {
    while (this.#next >= this.#chunks.length && this.#body.isOpen) {
      turns.ofClient();
      await this.#readMore();
      turns.ofUpstream();
      this.#expectLast(sending);
    }
    this.#expectLast(sending);
    // What its client has not sent in order must not reach the upstream whole.
    if (this.#body.fault !== undefined) throw new Error(`The upload is ${this.#body.fault}`);
    return this.#shift();
  }

  /** Throws where another attempt sends the body by now: this one must not take anything from it. */
  #expectLast(sending: number): void {
    if (this.#sendings !== sending) throw new Error("The upload is sent by another attempt");
  }

  #shift(): Uint8Array | undefined {
    if (!this.#isHeld) return this.#chunks.shift();
    const chunk = this.#chunks[this.#next];
    if (chunk !== undefined) this.#next += 1;
    return chunk;
  }

  /** Shared by whoever waits for more. */
  #readMore(): Promise<void> {
    this.#reading ??= this.#readOne();
    return this.#reading;
  }

  async #readOne(): Promise<void> {
    const chunk = await this.#body.read();
    this.#reading = undefined;
    if (chunk !== undefined) this.#add(chunk);
  }

  #add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    if (!this.#isHeld) return;
    const { mostOfAllBytes, ofAll } = this.#hold;
    const mayBeHeld = this.#body.readBytes <= this.#mostBytes && ofAll.take(chunk.length, mostOfAllBytes);
    if (mayBeHeld) this.#heldBytes += chunk.length;
    else this.letGo();
  }
}

/** Frees each chunk once it is copied, so that no body is there twice. */
function join(chunks: readonly Uint8Array[], size: number): Buffer {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1)
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  const joined = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
    freeChunk(chunk);
  }
  return joined;
}
