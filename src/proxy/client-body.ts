import { ClientPace } from "./client-pace.ts";
import type { FormScan } from "./form-scan.ts";
import type { BodyReader } from "./relay.ts";

/** What a client did wrong while its body was read; `malformed`: its form, as `FormScan.state`. */
export type BodyFault = "too-slow" | "broken" | "malformed";

/** A request's body as it arrives from its client, which is held to a pace and to the form that it announced. */
export class ClientBody {
  /** Once there is one nothing more is read. */
  fault: BodyFault | undefined = undefined;
  hasEnded = false;
  /** So far. */
  readBytes = 0;
  readonly #reader: BodyReader;
  readonly #announced: number | undefined;
  readonly #scan: FormScan | undefined;
  readonly #pace: ClientPace;
  #onTooSlow: ((nothing: undefined) => void) | undefined = undefined;

  /**
   * @param announced  its length in bytes; undefined where it was not told
   * @param scan       of a form, whose model must not come twice
   * @param timeoutMs  see `ClientPace`
   */
  constructor(
    reader: BodyReader,
    announced: number | undefined,
    scan: FormScan | undefined,
    timeoutMs: number,
  ) {
    this.#reader = reader;
    this.#announced = announced;
    this.#scan = scan;
    this.#pace = new ClientPace(timeoutMs, () => this.#onTooSlow?.(undefined));
  }

  /** In bytes; undefined while that is not known. */
  get length(): number | undefined {
    return this.hasEnded ? this.readBytes : this.#announced;
  }

  /** Whether there may be more to read. */
  get isOpen(): boolean {
    return !this.hasEnded && this.fault === undefined;
  }

  /** The next chunk; undefined at the end, or where the client is at fault. */
  async read(): Promise<Uint8Array | undefined> {
    const { promise: tooSlow, resolve } = Promise.withResolvers<undefined>();
    this.#onTooSlow = resolve;
    this.#pace.wait(Date.now());
    try {
      const read = await Promise.race([this.#reader.read(), tooSlow]);
      const chunk = read?.value;
      this.#pace.arrived(chunk?.length ?? 0, Date.now());
      if (read === undefined) this.fault = "too-slow";
      else if (chunk === undefined) this.hasEnded = true;
      else this.#look(chunk);
      return chunk;
    } catch {
      this.#pace.arrived(0, Date.now());
      this.fault = "broken";
      return undefined;
    }
  }

  #look(chunk: Uint8Array): void {
    this.readBytes += chunk.length;
    this.#scan?.feed(chunk);
    if (this.#scan?.state === "malformed") this.fault = "malformed";
  }
}
