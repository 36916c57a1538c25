import { breakerOpensAt } from "./breaker.ts";
import { laterProbe, learnVerdict, type Verdict } from "./comeback.ts";
import type { KeyState, RotationKey } from "./key-state.ts";
import type { KeyChange } from "./learn.ts";
import { wakeAll } from "./roster.ts";

/** Probes under way at once, and started at one look: ten thousand dead keys are no herd. */
const AT_ONCE = 4;

/** What could not be asked is left alone for so long, with all keys of its upstream. */
const QUIET_MS = 60_000;

/** Which providers of dead keys are asked whether they take the keys again, and when. */
export class ProbeSchedule<Key extends RotationKey> {
  // By state, which outlives the configuration that a key came with.
  readonly #underWay = new Set<KeyState>();
  readonly #quietUntilMs = new Map<string, number>();

  /**
   * The keys to probe now. Each is under way from here until `conclude`.
   *
   * @param keys     of the configuration in force: what is no longer among them is not asked about
   * @param firstMs  before the first probe of a key that was found dead once
   */
  due(keys: readonly Key[], firstMs: number, now: number, random: () => number): Key[] {
    const due: Key[] = [];
    for (const key of keys) {
      const { state } = key;
      if (state.setAside?.kind !== "dead") continue;
      const { comeback } = state.setAside;
      if (comeback === undefined) {
        state.revision += 1;
        state.setAside = { ...state.setAside, comeback: laterProbe(state, firstMs, now, random) };
      } else if (comeback.by === "probe" && comeback.atMs <= now && this.#mayAsk(key, now)) {
        this.#underWay.add(state);
        due.push(key);
      }
    }
    return due;
  }

  /** The answer to a probe; see `learnVerdict`. */
  conclude(
    key: Key,
    verdict: Verdict,
    firstMs: number,
    now: number,
    random: () => number,
  ): KeyChange | undefined {
    this.#underWay.delete(key.state);
    if (verdict === "trouble") this.#quietUntilMs.set(key.upstream, now + QUIET_MS);
    wakeAll(key.sleepers);
    return learnVerdict(key.state, verdict, firstMs, now, random);
  }

  #mayAsk(key: Key, now: number): boolean {
    return (
      this.#underWay.size < AT_ONCE &&
      !this.#underWay.has(key.state) &&
      (this.#quietUntilMs.get(key.upstream) ?? 0) <= now &&
      breakerOpensAt(key.breaker, now) <= now
    );
  }
}
