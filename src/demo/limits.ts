/** What a simulated key may use, for each model by itself. Absent: no such limit. */
export interface SimulatedLimits {
  /** Requests a minute. */
  readonly rpm?: number;
  /** Tokens a minute: prompt and the output asked for, counted when the request arrives. */
  readonly tpm?: number;
  /** Requests a day; always a fixed window, as the providers' daily quotas are. */
  readonly rpd?: number;
  /** Requests under way at once. */
  readonly concurrency?: number;
  /** How `rpm` and `tpm` come back: little by little, or all at once. Default `token-bucket`. */
  readonly kind?: "token-bucket" | "fixed-window";
  /** Tell the limits in the provider's rate-limit headers. Default true. */
  readonly headers?: boolean;
  /** The length of "a minute" in milliseconds, a day being 1,440 of them. Default 60,000. */
  readonly windowMs?: number;
}

/** One limit as a header tells it. */
export interface Gauge {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until nothing is used any more. */
  readonly fullInMs: number;
}

export interface Gauges {
  readonly requests?: Gauge;
  readonly tokens?: Gauge;
  readonly day?: Gauge;
}

export type LimitName = "requests" | "tokens" | "day" | "concurrency";

export interface Overrun {
  readonly on: LimitName;
  readonly limit: number;
  readonly used: number;
  readonly requested: number;
  /** Until the request would fit; Infinity where it never will. */
  readonly waitMs: number;
}

interface Meter {
  readonly limit: number;
  available(now: number): number;
  take(amount: number, now: number): void;
  /** How long until `amount` fits: 0 where it does now. */
  waitMs(amount: number, now: number): number;
  fullInMs(now: number): number;
}

/** Refills of fractions add up to just under a whole; that much is forgiven. */
const ROUNDING = 1e-6;

/** Starts full and refills continuously to its limit within one window. */
export class TokenBucket implements Meter {
  #level: number;
  #at = -Infinity;

  constructor(
    readonly limit: number,
    readonly windowMs: number,
  ) {
    this.#level = limit;
  }

  available(now: number): number {
    const elapsedMs = this.#at === -Infinity ? 0 : Math.max(0, now - this.#at);
    return Math.min(this.limit, this.#level + (elapsedMs * this.limit) / this.windowMs);
  }

  take(amount: number, now: number): void {
    this.#level = this.available(now) - amount;
    this.#at = Math.max(this.#at, now);
  }

  waitMs(amount: number, now: number): number {
    if (amount > this.limit) return Infinity;
    const missing = amount - this.available(now);
    return missing <= ROUNDING ? 0 : Math.ceil((missing * this.windowMs) / this.limit);
  }

  fullInMs(now: number): number {
    return Math.ceil(((this.limit - this.available(now)) * this.windowMs) / this.limit);
  }
}

/** Everything comes back when the clock passes a multiple of the window. */
export class FixedWindow implements Meter {
  #used = 0;
  #window = -Infinity;

  constructor(
    readonly limit: number,
    readonly windowMs: number,
  ) {}

  available(now: number): number {
    return Math.floor(now / this.windowMs) > this.#window ? this.limit : this.limit - this.#used;
  }

  take(amount: number, now: number): void {
    this.#used = this.limit - this.available(now) + amount;
    this.#window = Math.max(this.#window, Math.floor(now / this.windowMs));
  }

  waitMs(amount: number, now: number): number {
    if (amount > this.limit) return Infinity;
    return amount <= this.available(now) ? 0 : this.#untilNext(now);
  }

  fullInMs(now: number): number {
    return this.available(now) === this.limit ? 0 : this.#untilNext(now);
  }

  #untilNext(now: number): number {
    return Math.ceil((this.#window + 1) * this.windowMs - now);
  }
}

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1_440;

/** The limits of one key for one model, enforced strictly: what does not fit takes nothing. */
export class ModelLimits {
  readonly #meters: readonly { name: "requests" | "tokens" | "day"; meter: Meter }[];
  readonly #concurrency: number;
  #underWay = 0;

  constructor(limits: SimulatedLimits) {
    const windowMs = limits.windowMs ?? MINUTE_MS;
    const Minute = limits.kind === "fixed-window" ? FixedWindow : TokenBucket;
    this.#concurrency = limits.concurrency ?? Infinity;
    this.#meters = [
      ...(limits.rpm === undefined
        ? []
        : [{ name: "requests" as const, meter: new Minute(limits.rpm, windowMs) }]),
      ...(limits.tpm === undefined
        ? []
        : [{ name: "tokens" as const, meter: new Minute(limits.tpm, windowMs) }]),
      ...(limits.rpd === undefined
        ? []
        : [{ name: "day" as const, meter: new FixedWindow(limits.rpd, windowMs * MINUTES_A_DAY) }]),
    ];
  }

  /**
   * Takes one request of so many tokens, or nothing. Every admitted request must be released once.
   *
   * @returns the limit that is in the way longest; undefined where the request was admitted
   */
  admit(tokens: number, now: number): Overrun | undefined {
    if (this.#underWay >= this.#concurrency) {
      const used = this.#underWay;
      return { on: "concurrency", limit: this.#concurrency, used, requested: 1, waitMs: 1_000 };
    }
    let worst: Overrun | undefined;
    for (const { name, meter } of this.#meters) {
      const requested = name === "tokens" ? tokens : 1;
      const waitMs = meter.waitMs(requested, now);
      if (waitMs <= (worst?.waitMs ?? 0)) continue;
      const used = Math.ceil(meter.limit - meter.available(now));
      worst = { on: name, limit: meter.limit, used, requested, waitMs };
    }
    if (worst !== undefined) return worst;
    for (const { name, meter } of this.#meters) meter.take(name === "tokens" ? tokens : 1, now);
    this.#underWay += 1;
    return undefined;
  }

  release(): void {
    this.#underWay -= 1;
  }

  gauges(now: number): Gauges {
    return Object.fromEntries(
      this.#meters.map(({ name, meter }) => {
        const remaining = Math.max(0, Math.floor(meter.available(now) + ROUNDING));
        return [name, { limit: meter.limit, remaining, fullInMs: meter.fullInMs(now) }];
      }),
    );
  }
}
