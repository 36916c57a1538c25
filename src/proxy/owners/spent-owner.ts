import { obstacleOf } from "../../rotation/obstacle.ts";
import type { UpstreamKey } from "../runtime.ts";
import type { Search } from "../search.ts";

/**
 * A key that is out of money, for a request that costs none: what it owns can still be read and deleted,
 * and no other key can do that.
 */
export function spentOwner({ exchange, pool, tried }: Search, now: number): UpstreamKey | undefined {
  const { owned, model } = exchange;
  if (owned?.only === undefined || owned.endpoint.kind !== "resource" || model !== "") return undefined;
  return pool.tiers
    .flatMap(({ keys }) => keys)
    .find((key) => !tried.keys.has(key) && obstacleOf(key.state, model, now)?.kind === "spent");
}
