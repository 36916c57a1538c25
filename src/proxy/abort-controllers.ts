/** As many as are kept for later; a burst's are left to the garbage collector. */
const MAX_IDLE = 1_024;

const idle: AbortController[] = [];

/**
 * An abort controller, used again after its request where nothing was aborted.
 *
 * A new one for each request keeps the whole request in memory for long after its end: the collector of
 * young objects takes an `AbortSignal` for reachable when its native half stands where a former one stood,
 * and with it all that its closures hold. Measured on Bun 1.4.5: 25 MB of dead requests instead of 8, and a
 * fifth of the CPU time.
 */
export function takeAbortController(): AbortController {
  return idle.pop() ?? new AbortController();
}

/** Only when nothing listens to its signal any more: whoever takes it next must not abort what is over. */
export function returnAbortController(controller: AbortController): void {
  if (!controller.signal.aborted && idle.length < MAX_IDLE) idle.push(controller);
}
