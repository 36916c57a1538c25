import type { RotationKey } from "./key-state.ts";
import { type Ask, Look, type Tried } from "./look.ts";
import { obstacleOf } from "./obstacle.ts";
import type { Pool, Tier } from "./pool.ts";
import { roomAt } from "./reserve.ts";

/**
 * When the first key of the pool can serve a request, epoch milliseconds; `now` where one can already,
 * Infinity where none will, or where only the end of another request makes room.
 */
export function soonest<Key extends RotationKey>(pool: Pool<Key>, ask: Ask, now: number): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...pool.tiers.map((tier) => soonestOf(tier, pool.model, ask, now)),
  );
}

function soonestOf<Key extends RotationKey>(tier: Tier<Key>, model: string, ask: Ask, now: number): number {
  const { keys, roster } = tier;
  roster.wakeDue(now);
  const look = new Look<Key>(model, ask, now);
  const freeAt = (place: number, restsUntilMs: number) => {
    const key = keys[place];
    if (key === undefined || ask.tried.keys.has(key)) return Number.POSITIVE_INFINITY;
    const obstacle = obstacleOf(key.state, model, now);
    if (obstacle?.kind === "dead" || obstacle?.kind === "unserved-model") return Number.POSITIVE_INFINITY;
    const roomMs = roomAt(key, model, ask.tokens, now);
    // What else is under way on it may be over by then.
    const hopedMs = roomMs === Number.POSITIVE_INFINITY && key.state.inFlight > 0 ? restsUntilMs : roomMs;
    return Math.max(obstacle?.untilMs ?? now, hopedMs);
  };
  let at = Number.POSITIVE_INFINITY;
  for (let place = roster.next(0); place >= 0 && !look.isOver; place = roster.next(place + 1)) {
    if (look.isFree(tier, place)) return now;
    // Still awake: it has no room for a request of this size.
    if (roster.reasonOf(place) === undefined) at = Math.min(at, freeAt(place, now));
  }
  roster.peekDue((place, untilMs) => {
    if (untilMs >= at) return true;
    at = Math.min(at, Math.max(untilMs, freeAt(place, untilMs)));
    return false;
  });
  return at;
}

/** Whether some key waits for nothing but the end of another request, as far as the last look at the pool told. */
export function mayFreeUp<Key extends RotationKey>(pool: Pool<Key>, tried: Tried): boolean {
  return pool.tiers.some(
    ({ keys, roster }) =>
      roster.restingFor("busy") > 0 &&
      keys.some((key, place) => roster.reasonOf(place) === "busy" && !tried.keys.has(key)),
  );
}
