import { KeyCycleError } from "../../error.ts";
import { ownScript } from "../../own-command.ts";
import { unitFor, type Unit } from "./unit.ts";

/**
 * The unit of this system for this program.
 *
 * @param configPath  absolute
 * @throws KeyCycleError `service/platform`
 */
export function thisUnit(configPath: string): Unit {
  const program = [process.execPath, ...ownScript(process.argv)];
  const unit = unitFor(process.platform, { program, configPath }, process.env);
  if (unit !== undefined) return unit;
  throw new KeyCycleError(
    "service/platform",
    `Services are written for systemd (Linux) and launchd (macOS), not for ${process.platform}. Let your own service manager run: keycycle serve --config FILE`,
  );
}
