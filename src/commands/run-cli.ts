import { type ArgsDef, type CommandDef, renderUsage, type Resolvable, runCommand } from "citty";
import { consola } from "consola";

import { nearest } from "../config/nearest.ts";
import { showTyped } from "../config/secrecy.ts";
import { KeyCycleError } from "../error.ts";

/** 0 fine, 1 failure, 2 wrong use or wrong configuration. */
export type ExitCode = 0 | 1 | 2;

/** Runs the command that the arguments name, and says what is wrong with them where something is. */
export async function runCli(root: CommandDef, rawArgs: readonly string[]): Promise<ExitCode> {
  const [first = "--help", ...rest] = rawArgs;
  if (first === "--version" || first === "-v") {
    const meta = await resolve(root.meta);
    console.log(meta?.version);
    return 0;
  }
  const commands = (await resolve(root.subCommands)) ?? {};
  const asksHelp = first === "--help" || first === "-h" || first === "help";
  const [named = "--help"] = rest;
  if (asksHelp && named.startsWith("-")) {
    await printUsage(root, undefined);
    return 0;
  }
  const name = asksHelp ? named : first;
  const command = await resolve(commands[name]);
  if (command === undefined) {
    const near = nearest(name, Object.keys(commands));
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    consola.error(`There is no command "${showTyped(name)}".${hint} "keycycle --help" lists them.`);
    return 2;
  }
  if (asksHelp || rest.includes("--help") || rest.includes("-h")) {
    await printUsage(command, root);
    return 0;
  }
  const wrong = wrongFlag(rest, (await resolve(command.args)) ?? {});
  if (wrong !== undefined) {
    consola.error(`${wrong} "keycycle ${first} --help" lists what it takes.`);
    return 2;
  }
  try {
    await runCommand(command, { rawArgs: rest });
    return 0;
  } catch (error) {
    if (!(error instanceof KeyCycleError)) throw error;
    consola.error(error.message);
    return error.code.startsWith("config/") || error.code.startsWith("usage/") ? 2 : 1;
  }
}

async function printUsage(command: CommandDef, parent: CommandDef | undefined): Promise<void> {
  const usage = await renderUsage(command, parent);
  // citty colours its text whatever it is written to.
  console.log(process.stdout.isTTY && process.env["NO_COLOR"] === undefined ? usage : Bun.stripANSI(usage));
}

/** citty passes over what it does not know; a mistyped flag that does nothing would be found out much later. */
function wrongFlag(rawArgs: readonly string[], args: ArgsDef): string | undefined {
  const names = Object.keys(args);
  let flagToFill: string | undefined;
  for (const raw of rawArgs) {
    if (flagToFill !== undefined) {
      if (raw === "") return needsValue(flagToFill);
      flagToFill = undefined;
      continue;
    }
    if (!raw.startsWith("-")) return `"${showTyped(raw)}" is not expected here.`;
    const [flag = "", value] = raw.split("=", 2);
    const name = flag.replace(/^--?/, "");
    const arg = flag.startsWith("--") ? args[name] : undefined;
    if (arg === undefined) {
      const near = nearest(name, names);
      return `There is no flag "${showTyped(flag)}".${near === undefined ? "" : ` Did you mean "--${near}"?`}`;
    }
    if (arg.type === "boolean") {
      if (value !== undefined) return `The flag "${flag}" takes no value.`;
      continue;
    }
    if (value === "") return needsValue(flag);
    if (value === undefined) flagToFill = flag;
  }
  return flagToFill === undefined ? undefined : needsValue(flagToFill);
}

function needsValue(flag: string): string {
  return `The flag "${flag}" needs a value.`;
}

/** citty lets each part of a command be a value, a promise of one, or a function that makes one. */
async function resolve<T extends object>(part: Resolvable<T> | undefined): Promise<T | undefined> {
  return await (typeof part === "function" ? part() : part);
}
