import type { ArgDef, ArgsDef, CommandDef, CommandMeta } from "citty";
import { colors } from "consola/utils";

import { resolvePart } from "./resolve-part.ts";

/** What `--help` says of a command. */
export interface Help extends CommandMeta {
  readonly name: string;
  readonly description: string;
  /** What a person could type, as it stands. */
  readonly example: string;
}

/** Keeps citty's type for a command's `meta` from hiding the example. */
export function help(text: Help): Help {
  return text;
}

/** Beside a prompt longer lines are hard to read. */
const MAX_WIDTH = 100;

const EVERYWHERE: readonly Row[] = [
  ["--help", "Show this"],
  ["--no-color", "Plain text, as with NO_COLOR=1"],
];

type Row = readonly [name: string, text: string];

/**
 * What a command is for, what it takes, and an example.
 *
 * @param path   the names that lead to it, the program's first
 * @param width  of the window, in columns
 */
export async function renderHelp(
  path: readonly string[],
  command: CommandDef,
  width: number,
): Promise<string> {
  const meta = await resolvePart(command.meta);
  const args: ArgsDef = (await resolvePart(command.args)) ?? {};
  const positionals = Object.entries(args).filter(([, arg]) => arg.type === "positional");
  const flags = Object.entries(args).filter(([, arg]) => arg.type !== "positional");
  const commands = await commandRows(command);
  const usage = [
    path.join(" "),
    ...(commands.length > 0 ? ["<command>"] : []),
    ...positionals.map(([name, { required }]) => (required === false ? `[${name}]` : `<${name}>`)),
    ...(flags.length > 0 ? ["[flags]"] : []),
  ];
  const version: readonly Row[] =
    path.length === 1 ? [["--version", "Show the version, commit and Bun's version"]] : [];
  const sections: [title: string, lines: string[]][] = [
    ["Usage", [`  ${usage.join(" ")}`]],
    ["Commands", rows(commands, width)],
    ["Arguments", rows(positionals.map(argRow), width)],
    ["Flags", rows([...flags.map(flagRow), ...version, ...EVERYWHERE], width)],
    ["Example", exampleOf(meta).map((line) => `  ${line}`)],
  ];
  const text = [wrapped(meta?.description ?? "", width).join("\n")];
  for (const [title, lines] of sections) {
    if (lines.length > 0) text.push(`${colors.bold(title)}\n${lines.join("\n")}`);
  }
  return text.join("\n\n");
}

async function commandRows(command: CommandDef): Promise<Row[]> {
  const found: Row[] = [];
  for (const [name, part] of Object.entries((await resolvePart(command.subCommands)) ?? {})) {
    const meta = await resolvePart((await resolvePart<CommandDef>(part))?.meta);
    if (meta?.hidden !== true) found.push([name, meta?.description ?? ""]);
  }
  return found;
}

function argRow([name, { description }]: [string, ArgDef]): Row {
  return [name, description ?? ""];
}

function flagRow([name, arg]: [string, ArgDef]): Row {
  const value = arg.type === "boolean" ? "" : ` <${arg.valueHint ?? name}>`;
  const words = arg.type === "enum" && arg.options !== undefined ? `: ${arg.options.join(", ")}` : "";
  const standard = typeof arg.default === "string" ? ` (default: ${arg.default})` : "";
  return [`--${name}${value}`, (arg.description ?? "") + words + standard];
}

/** Two columns, the texts wrapped beside their names; below them where the window is too narrow for that. */
function rows(entries: readonly Row[], width: number): string[] {
  const nameWidth = Math.max(0, ...entries.map(([name]) => Bun.stringWidth(name)));
  const indent = nameWidth + 4;
  const beside = Math.min(width, MAX_WIDTH) - indent >= 24;
  return entries.flatMap(([name, text]) => {
    const lines = wrapped(text, width, beside ? indent : 6);
    if (!beside) return [`  ${colors.cyan(name)}`, ...lines.map((line) => `      ${line}`)];
    const [first = "", ...more] = lines;
    const padding = " ".repeat(nameWidth - Bun.stringWidth(name));
    return [`  ${colors.cyan(name)}${padding}  ${first}`, ...more.map((line) => " ".repeat(indent) + line)];
  });
}

function wrapped(text: string, width: number, indent = 0): string[] {
  return Bun.wrapAnsi(text, Math.max(10, Math.min(width, MAX_WIDTH) - indent)).split("\n");
}

function exampleOf(meta: CommandMeta | undefined): string[] {
  return meta !== undefined && "example" in meta && typeof meta.example === "string"
    ? meta.example.split("\n")
    : [];
}
