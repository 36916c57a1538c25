import type { RotationConfig } from "../config/config.ts";
import { type Verdict, verdictOf } from "../rotation/comeback.ts";
import { attempt } from "./attempt.ts";
import { freeRequest } from "./free-request.ts";
import type { UpstreamKey } from "./runtime.ts";

/** A list of models comes soon or not at all. */
const MAX_FIRST_BYTE_MS = 15_000;

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
): Promise<Verdict> {
  const inTime = { ...timeouts, firstByteMs: Math.min(timeouts.firstByteMs, MAX_FIRST_BYTE_MS) };
  const call = key.provider.freeCall(key.config);
  const ask = async (withKey: boolean) => {
    const { outcome, answer } = await attempt(key, freeRequest(key, call, withKey), inTime, abort);
    if (answer?.body.kind === "stream") await answer.body.reader.cancel().catch(() => {});
    return verdictOf(outcome, answer?.status);
  };
  const verdict = await ask(true);
  if (verdict !== "taken") return verdict;
  const withoutKey = await ask(false);
  if (withoutKey === "refused") return "taken";
  return withoutKey === "trouble" ? "trouble" : "untold";
}
