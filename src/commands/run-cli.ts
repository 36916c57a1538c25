import { type CommandDef, runCommand } from "citty";
import { consola } from "consola";

import { nearest } from "../config/nearest.ts";
import { showPath, showTyped } from "../config/secrecy.ts";
import { KeyCycleError } from "../error.ts";
import { systemPath, systemReason } from "../system-error.ts";
import { watchOutput } from "../terminal/output.ts";
import { wrapMessages } from "../terminal/wrap-messages.ts";
import { windowWidth } from "../terminal/window.ts";
import { renderHelp } from "./help.ts";
import { resolvePart } from "./resolve-part.ts";
import { wrongUse } from "./wrong-use.ts";

/** 0 fine, 1 failure, 2 wrong use or wrong configuration. */
export type ExitCode = 0 | 1 | 2;

/** A command with the names that lead to it, and what was typed behind them. */
interface Named {
  readonly path: readonly string[];
  readonly command: CommandDef;
  readonly rest: readonly string[];
}

/**
 * Runs the command that the arguments name, and says what is wrong with them where something is, or with
 * what it was to read and write.
 */
export async function runCli(root: CommandDef, rawArgs: readonly string[]): Promise<ExitCode> {
  keepColoursOffPipes();
  wrapMessages();
  const written = watchOutput();
  const code = await runCommandOf(root, rawArgs);
  const problem = await written();
  if (problem === undefined) return code;
  consola.error(problem);
  return code === 0 ? 1 : code;
}

async function runCommandOf(root: CommandDef, rawArgs: readonly string[]): Promise<ExitCode> {
  // A person at a terminal knows what time it is.
  consola.options.formatOptions.date = false;
  const asksHelp = rawArgs[0] === "help" || rawArgs.some((arg) => arg === "--help" || arg === "-h");
  const typed = asksHelp ? rawArgs.filter((arg, at) => !isHelp(arg, at)) : rawArgs;
  const named = await find(root, typed);
  if (typeof named === "string") return refuse(named);
  const { path, command, rest } = named;
  const isGroup = command.run === undefined;
  if (asksHelp || (isGroup && rest.length === 0)) {
    console.log(await renderHelp(path, command, windowWidth()));
    return 0;
  }
  const tooEarly = await flagTooEarly(named);
  if (tooEarly !== undefined) return refuse(tooEarly);
  const elsewhere = ["help", "no-color", ...(command === root ? ["version"] : [])];
  const wrong = wrongUse(rest, (await resolvePart(command.args)) ?? {}, elsewhere);
  if (wrong !== undefined) return refuse(`${wrong} "${path.join(" ")} --help" lists what it takes.`);
  try {
    await runCommand(command, { rawArgs: [...rest] });
    return exitCodeOf(process.exitCode);
  } catch (error) {
    if (!(error instanceof KeyCycleError)) return tellSystemError(error);
    consola.error(error.message);
    return error.code.startsWith("config/") || error.code.startsWith("usage/") ? 2 : 1;
  }
}

function isHelp(arg: string, at: number): boolean {
  return arg === "--help" || arg === "-h" || (at === 0 && arg === "help");
}

/** What other programs call what one of our commands does. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ["ls", "list"],
  ["rm", "remove"],
  ["delete", "remove"],
  ["del", "remove"],
]);

/** @returns what is wrong where the words name no command */
async function find(root: CommandDef, typed: readonly string[]): Promise<Named | string> {
  const meta = await resolvePart(root.meta);
  let named: Named = { path: [meta?.name ?? ""], command: root, rest: typed };
  for (;;) {
    const { path, command, rest } = named;
    const commands = await resolvePart(command.subCommands);
    const [word] = rest;
    if (commands === undefined || word === undefined || word.startsWith("-")) return named;
    const next = await resolvePart<CommandDef>(commands[word]);
    if (next === undefined) {
      const meant = MEANT.get(word) ?? "";
      const near = Object.hasOwn(commands, meant) ? meant : nearest(word, Object.keys(commands));
      const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
      return `There is no command "${showTyped([...path.slice(1), word].join(" "))}".${hint} "${path.join(" ")} --help" lists them.`;
    }
    named = { path: [...path, word], command: next, rest: rest.slice(1) };
  }
}

/** Says of a flag that stands before the command which takes it where it belongs. */
async function flagTooEarly({ path, command, rest }: Named): Promise<string | undefined> {
  const commands = (await resolvePart(command.subCommands)) ?? {};
  const [flag = ""] = rest[0]?.split("=") ?? [];
  const word = rest.find((each) => Object.hasOwn(commands, each));
  if (word === undefined || !flag.startsWith("--")) return undefined;
  const args = (await resolvePart((await resolvePart<CommandDef>(commands[word]))?.args)) ?? {};
  if (!Object.hasOwn(args, flag.slice(2))) return undefined;
  return `The flag "${flag}" belongs behind the command: ${[...path, word, flag].join(" ")} …`;
}

/** What the system refuses, a full disk or a folder of another user's, is nobody's bug. */
function tellSystemError(error: unknown): ExitCode {
  const reason = systemReason(error);
  const path = systemPath(error);
  if (reason === undefined || path === undefined) throw error;
  consola.error(`${showPath(path)} ${reason}.`);
  return 1;
}

function refuse(problem: string): ExitCode {
  consola.error(problem);
  return 2;
}

/** A command that ends without an error of its own may still have found something wrong. */
function exitCodeOf(code: typeof process.exitCode): ExitCode {
  return code === 1 || code === 2 ? code : 0;
}

/** consola colours by what standard output is, whichever stream it writes to. */
function keepColoursOffPipes(): void {
  if (process.stderr.isTTY || !process.stdout.isTTY) return;
  consola.options.stderr = new Proxy(process.stderr, {
    get: (stream, name) => (name === "write" ? writePlain : Reflect.get(stream, name)),
  });
}

function writePlain(text: string): boolean {
  return process.stderr.write(Bun.stripANSI(text));
}
