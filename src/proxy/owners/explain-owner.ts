import type { Explanation } from "../exhausted.ts";
import type { Search } from "../search.ts";

/** Says as well why it had to be these keys, where it had to. */
export function explainOwner({ exchange, pool }: Search, told: Explanation): Explanation {
  const { owned, model } = exchange;
  if (owned === undefined) return told;
  const { only, seek } = owned;
  if (only !== undefined) {
    const isServed = pool.tiers.length > 0;
    const names = only.keys.map(({ name }) => name).join(" and ");
    const lack =
      model === "" ? "does not speak the API of this request" : `does not serve the model "${model}"`;
    const message = isServed ? told.error.message : `${names} ${lack}.`;
    return { ...told, error: { ...told.error, message: `${message} ${only.why}` } };
  }
  if (seek?.missing === undefined) return told;
  const message = `${told.error.message} Nothing is known of what the request names, and the other keys do not have it.`;
  return { ...told, error: { ...told.error, message } };
}
