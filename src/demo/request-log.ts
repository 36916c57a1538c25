import type { ApiName } from "./call.ts";

/** A request that the simulator has received. Live until `endedAt` is set, unchanging after. */
export interface SimulatedRequest {
  /** When it had been read whole, by the simulator's clock. */
  readonly at: number;
  readonly endedAt: number | undefined;
  readonly method: string;
  /** Request target as received, query included. */
  readonly path: string;
  /** Names in lower case; repeated ones joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly secret: string | undefined;
  readonly api: ApiName;
  readonly model: string | undefined;
  readonly stream: boolean;
  readonly body: Uint8Array;
  /** The length received, also where `body` was too large to be kept. */
  readonly bodyBytes: number;
  /** What was answered; 0 while, or where, nothing was. */
  readonly status: number;
  /** The client went away before the end. */
  readonly aborted: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** How its WebSocket ended; undefined where there was none, or has not. */
  readonly closeCode: number | undefined;
}

export interface RequestCounts {
  readonly received: number;
  /** Answered in full with a 2xx, a stream with an error in it included. */
  readonly served: number;
  /** Answered with an error status. */
  readonly refused: number;
  /** Broken off by a fault of the simulator. */
  readonly broken: number;
  readonly aborted: number;
  readonly inFlight: number;
  readonly peakInFlight: number;
}

const NONE: RequestCounts = {
  received: 0,
  served: 0,
  refused: 0,
  broken: 0,
  aborted: 0,
  inFlight: 0,
  peakInFlight: 0,
};

/** A request as the log keeps it. */
export type RequestRecord = { -readonly [Field in keyof SimulatedRequest]: SimulatedRequest[Field] };

type Counts = { -readonly [Field in keyof RequestCounts]: RequestCounts[Field] };

interface Waiter {
  readonly on: "arrival" | "end";
  readonly wants: (request: SimulatedRequest) => boolean;
  readonly resolve: (request: SimulatedRequest) => void;
}

/** The last requests, exact counts of all, and whoever waits for one. */
export class RequestLog {
  readonly #kept: RequestRecord[] = [];
  #keptBytes = 0;
  #oldest = 0;
  readonly #counts = new Map<string | undefined, Counts>();
  readonly #total: Counts = { ...NONE };
  #waiters: Waiter[] = [];

  /**
   * @param limit    how many requests are kept
   * @param maxBytes how many bytes of bodies are kept, at least one body
   */
  constructor(
    readonly limit: number,
    readonly maxBytes: number,
  ) {}

  get requests(): readonly SimulatedRequest[] {
    return this.#kept.slice(this.#oldest);
  }

  /** @param secret undefined: the requests of all keys, and those without a known one */
  counts(secret?: string): RequestCounts {
    return { ...(secret === undefined ? this.#total : (this.#counts.get(secret) ?? NONE)) };
  }

  /** Counts for a key from now on: unknown secrets are not counted each, or anyone could fill the memory. */
  watch(secret: string): void {
    this.#counts.set(secret, { ...NONE });
  }

  arrived(record: RequestRecord): void {
    for (const counts of this.#countsOf(record)) {
      counts.received += 1;
      counts.inFlight += 1;
      counts.peakInFlight = Math.max(counts.peakInFlight, counts.inFlight);
    }
    this.#keep(record);
    this.#wake("arrival", record);
  }

  ended(record: RequestRecord, how: "answered" | "broken" | "aborted", now: number): void {
    record.endedAt = now;
    record.aborted = how === "aborted";
    const kind = how !== "answered" ? how : record.status < 400 ? "served" : "refused";
    for (const counts of this.#countsOf(record)) {
      counts.inFlight -= 1;
      counts[kind] += 1;
    }
    this.#wake("end", record);
  }

  next(on: "arrival" | "end", wants: (request: SimulatedRequest) => boolean): Promise<SimulatedRequest> {
    return new Promise((resolve) => {
      this.#waiters.push({ on, wants, resolve });
    });
  }

  #countsOf(record: RequestRecord): readonly Counts[] {
    const own = this.#counts.get(record.secret);
    return own === undefined ? [this.#total] : [this.#total, own];
  }

  #keep(record: RequestRecord): void {
    if (this.limit === 0) return;
    this.#kept.push(record);
    this.#keptBytes += record.body.length;
    while (
      this.#kept.length - this.#oldest > this.limit ||
      (this.#keptBytes > this.maxBytes && this.#oldest < this.#kept.length - 1)
    ) {
      this.#keptBytes -= this.#kept[this.#oldest]?.body.length ?? 0;
      this.#oldest += 1;
    }
    // Moving what is kept only now and then makes dropping the oldest cheap.
    if (this.#oldest >= this.limit) {
      this.#kept.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }

  #wake(on: "arrival" | "end", record: RequestRecord): void {
    if (this.#waiters.length === 0) return;
    const woken = this.#waiters.filter((waiter) => waiter.on === on && waiter.wants(record));
    this.#waiters = this.#waiters.filter((waiter) => !woken.includes(waiter));
    for (const waiter of woken) waiter.resolve(record);
  }
}
