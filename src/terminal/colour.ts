import type { Env } from "../config/interpolate.ts";

/**
 * Whether to colour what is written to standard output. First `--no-color`, then `NO_COLOR`
 * (https://no-color.org: any text but an empty one), then `FORCE_COLOR` (`0` and `false` say no), then
 * whether it is a terminal that knows colours.
 */
export function wantsColour(env: Env, flag: boolean, isTerminal: boolean): boolean {
  if (flag || (env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

/**
 * Settles for all that is to come whether there are colours: consola and the prompts each have rules of
 * their own for these variables, so they are left with one that none can take another way. To be called
 * before any of them is loaded, since they look once.
 *
 * @returns the arguments without `--no-color`, which belongs to every command
 */
export function settleColour(args: readonly string[]): readonly string[] {
  const rest = args.filter((arg) => arg !== "--no-color");
  const wanted = wantsColour(process.env, rest.length < args.length, process.stdout.isTTY);
  delete process.env[wanted ? "NO_COLOR" : "FORCE_COLOR"];
  process.env[wanted ? "FORCE_COLOR" : "NO_COLOR"] = "1";
  return rest;
}
