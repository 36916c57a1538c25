import type { ArgDef, ArgsDef } from "citty";

import { nearest } from "../config/nearest.ts";
import { showTyped } from "../config/secrecy.ts";

/**
 * What is wrong with the arguments of a command; undefined where nothing is. citty passes over what it
 * does not know, and a mistyped flag that does nothing would be found out much later.
 *
 * @param elsewhere  flags that are no arguments of the command, and may be meant by what is near to them
 */
export function wrongUse(
  rawArgs: readonly string[],
  args: ArgsDef,
  elsewhere: readonly string[],
): string | undefined {
  const flags = Object.keys(args).filter((name) => args[name]?.type !== "positional");
  const places = Object.entries(args).filter(([, arg]) => arg.type === "positional");
  let filled = 0;
  let flagToFill: string | undefined;
  for (const raw of rawArgs) {
    if (flagToFill !== undefined) {
      const wrong = wrongValue(flagToFill, raw, args[flagToFill.slice(2)]);
      if (wrong !== undefined) return wrong;
      flagToFill = undefined;
      continue;
    }
    if (!raw.startsWith("-") || raw === "-") {
      if (filled === places.length) return notExpected(raw, flags);
      if (raw === "") return `The ${places[filled]?.[0]} is empty.`;
      filled += 1;
      continue;
    }
    const [, flag = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(raw) ?? [];
    const name = flag.replace(/^--?/, "");
    const arg = flag.startsWith("--") && flags.includes(name) ? args[name] : undefined;
    if (arg === undefined) {
      const near = nearest(name, [...flags, ...elsewhere]);
      return `There is no flag "${showTyped(flag)}".${near === undefined ? "" : ` Did you mean "--${near}"?`}`;
    }
    if (arg.type === "boolean") {
      if (value !== undefined) return `The flag "${flag}" takes no value.`;
      continue;
    }
    const wrong = value === undefined ? undefined : wrongValue(flag, value, arg);
    if (wrong !== undefined) return wrong;
    if (value === undefined) flagToFill = flag;
  }
  if (flagToFill !== undefined) return needsValue(flagToFill);
  const missing = places.slice(filled).find(([, arg]) => arg.required !== false);
  return missing === undefined ? undefined : `The ${missing[0]} is missing.`;
}

function notExpected(raw: string, flags: readonly string[]): string {
  const isConfig = flags.includes("config") && /\.(?:ya?ml|jsonc?)$/i.test(raw);
  const shown = showTyped(raw);
  return `"${shown}" is not expected here.${isConfig ? ` Did you mean "--config ${shown}"?` : ""}`;
}

function wrongValue(flag: string, value: string, arg: ArgDef | undefined): string | undefined {
  if (value === "") return needsValue(flag);
  if (arg?.type !== "enum" || arg.options?.includes(value) !== false) return undefined;
  const near = nearest(value, arg.options);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  return `${flag} is one of ${arg.options.join(", ")}, not "${showTyped(value)}".${hint}`;
}

function needsValue(flag: string): string {
  return `The flag "${flag}" needs a value.`;
}
