import type { ListResult } from "./ask-for-list.ts";
import type { ModelsById } from "./offers.ts";

/** What is known of the models behind one key, for one way of asking. Instants are epoch milliseconds. */
export interface KnownList {
  /** The last that was told; undefined before the first. */
  models: ModelsById | undefined;
  toldMs: number;
  /** Why the last time of asking came to nothing; "" where it did not. */
  failure: string;
  failedMs: number;
  /** The asking under way, and since when. */
  underWay: Promise<void> | undefined;
  askedMs: number;
}

/** Models come and go by the day; a new key's are there at once, since nothing is known of it yet. */
export const FRESH_MS = 5 * 60_000;

/** Before an upstream that would not tell is asked again. */
const RETRY_MS = 30_000;

/**
 * The lists of models that upstreams have told, for as long as the process runs. One that is no longer
 * fresh is still good, while a new one is asked for once, however many clients want it.
 */
export class ModelLists {
  readonly #clock: () => number;
  /** By what was learned of the key, which outlives configurations; then by the call that asks for the list. */
  readonly #known = new WeakMap<object, Map<string, KnownList>>();

  /** @param clock  epoch milliseconds */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /**
   * What is known now; starts asking anew where that is due.
   *
   * @param owner    identity of the key, the same under the next configuration
   * @param call     tells apart what a key is asked for clients of different APIs
   * @param freshMs  how old the list may be
   * @param ask      called at most once at a time for a key and call
   */
  look(owner: object, call: string, freshMs: number, ask: () => Promise<ListResult>): KnownList {
    const now = this.#clock();
    const known = this.#of(owner, call);
    const due = now - known.toldMs >= freshMs && now - known.failedMs >= RETRY_MS;
    if (due && known.underWay === undefined) {
      known.askedMs = now;
      known.underWay = ask().then((result) => conclude(known, result, this.#clock()));
    }
    return known;
  }

  /** What is known now; undefined where the key was never asked. */
  peek(owner: object, call: string): KnownList | undefined {
    return this.#known.get(owner)?.get(call);
  }

  #of(owner: object, call: string): KnownList {
    const calls = this.#known.get(owner) ?? new Map<string, KnownList>();
    this.#known.set(owner, calls);
    const known = calls.get(call) ?? {
      models: undefined,
      toldMs: Number.NEGATIVE_INFINITY,
      failure: "",
      failedMs: Number.NEGATIVE_INFINITY,
      underWay: undefined,
      askedMs: 0,
    };
    calls.set(call, known);
    return known;
  }
}

function conclude(known: KnownList, result: ListResult, now: number): void {
  known.underWay = undefined;
  if (result.kind === "listed") {
    known.models = result.models;
    known.toldMs = now;
    known.failure = "";
  } else {
    known.failure = result.reason;
    known.failedMs = now;
  }
}
