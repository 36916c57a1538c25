import type { Exchange } from "../exchange.ts";
import type { UpstreamKey } from "../runtime.ts";
import { lifetimeOf } from "./lifetime.ts";
import { resourcePools } from "./resource-pools.ts";

/** These belong to the account of the key. */
export function rememberAll({ runtime }: Exchange, key: UpstreamKey, ids: readonly string[]): void {
  const [account] = ids.length === 0 ? [] : resourcePools(runtime).accounts.of([key]);
  if (account === undefined) return;
  const now = Date.now();
  for (const id of ids) runtime.owners.remember(id, account.number, now + lifetimeOf(id), now);
}
