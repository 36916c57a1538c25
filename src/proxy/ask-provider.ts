import type { RotationConfig } from "../config/config.ts";
import { type Verdict, verdictOf } from "../rotation/comeback.ts";
import type { Outcome } from "../providers/outcome.ts";
import type { ToldLimits } from "../providers/told-limits.ts";
import { attempt } from "./attempt.ts";
import { freeRequest } from "./free-request.ts";
import type { UpstreamKey } from "./runtime.ts";

/** A list of models comes soon or not at all. */
const MAX_FIRST_BYTE_MS = 15_000;

/** What a provider said of a key. */
export interface Asked {
  readonly verdict: Verdict;
  /** What became of the call with the key. */
  readonly outcome: Outcome;
  /** Of the answer to that call; undefined where there was none. */
  readonly status: number | undefined;
  /** The limits that the answer told; undefined where it told none. */
  readonly limits: ToldLimits | undefined;
}

/**
 * Asks a key's provider, for free, whether it takes the key. An answer counts only where the same call
 * is refused without a key: some servers list their models to anyone.
 *
 * @param abort  ends it
 */
export async function askProvider(
  key: UpstreamKey,
  timeouts: RotationConfig["timeouts"],
  abort: AbortController,
): Promise<Asked> {
  const inTime = { ...timeouts, firstByteMs: Math.min(timeouts.firstByteMs, MAX_FIRST_BYTE_MS) };
  const call = key.provider.freeCall(key.config);
  const ask = async (withKey: boolean) => {
    const { outcome, answer } = await attempt(key, freeRequest(key, call, withKey), inTime, abort);
    if (answer?.body.kind === "stream") await answer.body.reader.cancel().catch(() => {});
    const limits = answer === undefined ? undefined : key.provider.readLimits(answer.headers, Date.now());
    const status = answer?.status;
    return { verdict: verdictOf(outcome, status), outcome, status, limits };
  };
  const asked = await ask(true);
  if (asked.verdict !== "taken") return asked;
  const without = await ask(false);
  if (without.verdict === "refused") return asked;
  return { ...asked, verdict: without.verdict === "trouble" ? "trouble" : "untold" };
}
