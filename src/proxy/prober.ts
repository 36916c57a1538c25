import type { Log } from "../observe/log.ts";
import { ProbeSchedule } from "../rotation/probe-schedule.ts";
import { askProvider } from "./ask-provider.ts";
import { tellChange } from "./learn-and-tell.ts";
import type { UpstreamKey } from "./runtime.ts";
import type { Serving } from "./serving.ts";

/** How often it is looked which probes are due; each look starts only a few (`ProbeSchedule`). */
const LOOK_MS = 1_000;

/**
 * Brings dead keys back: asks their providers now and then, never by a request that costs anything
 * (`rotation.probeAfter`). Does not keep the process alive.
 *
 * @returns ends it, with what is under way
 */
export function startProbing(serving: Serving, log: Log): () => void {
  const schedule = new ProbeSchedule<UpstreamKey>();
  const underWay = new Set<AbortController>();

  const probe = async (key: UpstreamKey): Promise<void> => {
    const abort = new AbortController();
    underWay.add(abort);
    const { verdict } = await askProvider(key, serving.runtime.config.rotation.timeouts, abort);
    underWay.delete(abort);
    const { keys, config, waiting } = serving.runtime;
    const now = Date.now();
    const change = schedule.conclude(key, verdict, config.rotation.probeAfterMs, now, Math.random);
    log.message("debug", `Asked the provider of ${key.name} for free whether it takes the key: ${verdict}`);
    // It may have another name by now, or be gone.
    const current = keys.find(({ state }) => state === key.state);
    if (change === undefined || current === undefined) return;
    tellChange(log, current.name, "", change, now);
    waiting.poke();
  };

  const look = (): void => {
    const { keys, config } = serving.runtime;
    const { probeAfterMs } = config.rotation;
    if (probeAfterMs === 0) return;
    for (const key of schedule.due(keys, probeAfterMs, Date.now(), Math.random)) void probe(key);
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    for (const abort of underWay) abort.abort();
  };
}
