import type { Refusal, RetryHint } from "./dialect.ts";
import type { Delivery } from "./deliver.ts";

type ErrorInside = "limited" | "overloaded" | "spent" | "server-error" | "dead";

/** What goes wrong with a key's requests. Stream faults leave a request alone that asks for no stream. */
export type Fault =
  /** 429 as the provider words it; 20 s unless told. `hint`: only that one of the provider's hints. */
  | { readonly kind: "limited"; readonly retryAfterMs?: number; readonly hint?: RetryHint }
  | { readonly kind: "spent" }
  | { readonly kind: "dead" }
  | { readonly kind: "overloaded" }
  | { readonly kind: "unserved-model" }
  /** 500 unless told; `html`: the page of an edge in front of the provider. */
  | { readonly kind: "server-error"; readonly status?: number; readonly html?: boolean }
  | { readonly kind: "bad-request" }
  | { readonly kind: "slow"; readonly firstByteMs: number }
  /** Accepts the request and never answers. */
  | { readonly kind: "hang" }
  /** The connection is reset (RST), never ended. */
  | {
      readonly kind: "reset";
      readonly when: "before-first-byte" | "after-first-byte" | "mid-stream";
    }
  /** Ended (FIN) with half of what `content-length` or the chunked framing promises. */
  | { readonly kind: "truncate" }
  /** A 200 stream whose first event is the error, or a WebSocket whose first message is. */
  | {
      readonly kind: "error-as-first-event";
      readonly code: ErrorInside;
    }
  /** An error event after some content, then the end of the stream. */
  | { readonly kind: "stream-error-late" };

/** What a fault comes to for one request. */
export type Consequence =
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  | { readonly kind: "page"; readonly status: number }
  | { readonly kind: "deliver"; readonly delivery: Delivery }
  | { readonly kind: "stream-error"; readonly refusal: Refusal; readonly first: boolean };

const DEFAULT_RETRY_AFTER_MS = 20_000;

export function needsStream(fault: Fault): boolean {
  return fault.kind === "error-as-first-event" || fault.kind === "stream-error-late";
}

export function consequenceOf(fault: Fault): Consequence {
  switch (fault.kind) {
    case "limited":
      return { kind: "refuse", refusal: limited(fault.retryAfterMs, fault.hint) };
    case "server-error": {
      const status = fault.status ?? 500;
      if (fault.html === true) return { kind: "page", status };
      return { kind: "refuse", refusal: { kind: "server-error", status } };
    }
    case "slow":
    case "hang":
    case "reset":
    case "truncate":
      return { kind: "deliver", delivery: fault };
    case "error-as-first-event":
      return { kind: "stream-error", refusal: refusalOf(fault.code), first: true };
    case "stream-error-late":
      return { kind: "stream-error", refusal: refusalOf("overloaded"), first: false };
    default:
      return { kind: "refuse", refusal: fault };
  }
}

function refusalOf(code: ErrorInside): Refusal {
  if (code === "limited") return limited();
  return code === "server-error" ? { kind: code, status: 500 } : { kind: code };
}

function limited(retryAfterMs = DEFAULT_RETRY_AFTER_MS, hint?: RetryHint): Refusal {
  return {
    kind: "limited",
    on: "requests",
    limit: 60,
    used: 60,
    requested: 1,
    retryAfterMs,
    ...(hint === undefined ? {} : { hint }),
  };
}

interface Planned {
  readonly fault: Fault | undefined;
  /** How many requests it still meets; Infinity: until changed. */
  left: number;
}

/** Which fault the next request of a key meets. */
export class FaultPlan {
  readonly #standing = new Map<string, Fault | undefined>();
  readonly #passing = new Map<string, Planned>();
  #all: Planned = { fault: undefined, left: 0 };

  /** @param times only so many requests, after which the standing fault is back; Infinity: until changed */
  set(secret: string, fault: Fault | undefined, times = Infinity): void {
    if (times === Infinity) {
      this.#standing.set(secret, fault);
      this.#passing.delete(secret);
    } else {
      this.#passing.set(secret, { fault, left: times });
    }
  }

  /** Before the keys' own; `times` counts the requests of all keys together. */
  setForAll(fault: Fault | undefined, times = Infinity): void {
    this.#all = { fault, left: times };
  }

  /** Takes the fault of this request, so that a passing one is used up. */
  take(secret: string, stream: boolean): Fault | undefined {
    for (const planned of [this.#all, this.#passing.get(secret)]) {
      if (planned === undefined || planned.left <= 0) continue;
      if (planned.fault === undefined && planned === this.#all) continue;
      if (planned.fault !== undefined && needsStream(planned.fault) && !stream) continue;
      planned.left -= 1;
      return planned.fault;
    }
    const standing = this.#standing.get(secret);
    return standing !== undefined && needsStream(standing) && !stream ? undefined : standing;
  }
}
