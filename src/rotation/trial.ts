import type { KeyState, SetAside } from "./key-state.ts";

/*
 * The way back of a key that only a paid request can tell about: when its time has come, one client's
 * request tries it, and until that is answered no other does. So a key that is still spent costs one
 * client one further attempt, not every client at once. A list of models that is answered proves no
 * money, so spent keys are never probed, and no free call claims that they are funded again.
 */

/**
 * When a client's request may try a key that is set aside, epoch milliseconds; Infinity where only a
 * probe, or a new configuration, brings it back.
 */
export function trialAt(setAside: SetAside): number {
  if (setAside.kind === "spent") return setAside.untilMs;
  return setAside.comeback?.by === "trial" ? setAside.comeback.atMs : Number.POSITIVE_INFINITY;
}

/** @returns whether the request that is about to be sent on the key is its trial */
export function enterTrial(key: KeyState): boolean {
  const isTrial = key.setAside !== undefined;
  if (isTrial) key.onTrial = true;
  return isTrial;
}

/** The trial is answered, or came to nothing: whatever it taught, the next request need not wait for it. */
export function endTrial(key: KeyState): void {
  key.onTrial = false;
}
