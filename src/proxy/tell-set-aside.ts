import { formatMs } from "../observe/format-ms.ts";
import type { Log } from "../observe/log.ts";
import type { RotationKey } from "../rotation/key-state.ts";

/** More names than this make a line that nobody reads. */
const MAX_NAMED_KEYS = 8;

/** Tells which keys an earlier run has set aside: what was logged then is not on anybody's screen any more. */
export function tellSetAside(keys: readonly RotationKey[], log: Pick<Log, "message">, now: number): void {
  const told = keys.flatMap(({ name, state: { setAside } }) => {
    if (setAside === undefined) return [];
    if (setAside.kind === "dead") return [`${name} (dead: ${setAside.reason})`];
    if (setAside.untilMs <= now) return [];
    return [`${name} (spent: ${setAside.reason}, for ${formatMs(setAside.untilMs - now)})`];
  });
  if (told.length === 0) return;
  const more = told.length > MAX_NAMED_KEYS ? ` and ${told.length - MAX_NAMED_KEYS} more` : "";
  log.message("warn", `Set aside since before: ${told.slice(0, MAX_NAMED_KEYS).join(", ")}${more}`);
}
