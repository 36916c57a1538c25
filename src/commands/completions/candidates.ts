import type { ArgDef, ArgsDef, CommandDef } from "citty";

import { resolvePart } from "../resolve-part.ts";

/** Something that may be typed next. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What may be typed next: words, or the name of a file. */
export type Candidates =
  { readonly kind: "files" } | { readonly kind: "words"; readonly words: readonly Candidate[] };

/** What lies outside of the command tree. */
export interface Surroundings {
  /** Names of the keys in the configuration; `config` is what `--config` names. */
  keyNames(config: string | undefined): readonly string[];
  /** Names of variables that may hold keys. */
  readonly variables: readonly string[];
}

const HELP: Candidate = { word: "--help", description: "Show what it takes, with an example" };
const EVERYWHERE: readonly Candidate[] = [HELP, { word: "--no-color", description: "Plain text" }];
const VERSION: Candidate = { word: "--version", description: "Show the version" };

/**
 * What may be typed next on a command line.
 *
 * @param words    those before the one that is typed, without the program's name
 * @param current  what is typed of it
 */
export async function candidatesFor(
  root: CommandDef,
  words: readonly string[],
  current: string,
  surroundings: Surroundings,
): Promise<Candidates> {
  const place = await placeOf(root, words);
  const { command, args, flag, used, positional, config } = place;
  const value = (arg: ArgDef | undefined) => valuesOf(arg, config, surroundings);
  if (flag !== undefined) return fitting(value(args[flag]), current);
  const [, named = "", written] = /^--([\w-]+)=(.*)$/.exec(current) ?? [];
  if (written !== undefined) return prefixed(fitting(value(args[named]), written), `--${named}=`);
  if (current.startsWith("-")) {
    const flags = Object.entries(args)
      .filter(([name, arg]) => arg.type !== "positional" && !used.has(name))
      .map(([name, arg]) => ({ word: `--${name}`, description: arg.description ?? "" }));
    return fitting(ofWords([...flags, ...EVERYWHERE, ...(command === root ? [VERSION] : [])]), current);
  }
  const [, wanted] = Object.entries(args).filter(([, arg]) => arg.type === "positional")[positional] ?? [];
  const commands = await commandsOf(command);
  const help = command === root ? [{ word: "help", description: "Show what a command takes" }] : [];
  if (commands.length === 0) return fitting(value(wanted), current);
  // Behind a word that names no command nothing fits.
  return positional > 0 ? ofWords([]) : fitting(ofWords([...commands, ...help]), current);
}

interface Place {
  readonly command: CommandDef;
  readonly args: ArgsDef;
  /** The flag whose value comes next; undefined where none waits for one. */
  readonly flag: string | undefined;
  readonly used: ReadonlySet<string>;
  /** How many positional arguments are there. */
  readonly positional: number;
  readonly config: string | undefined;
}

async function placeOf(root: CommandDef, words: readonly string[]): Promise<Place> {
  let command = root;
  let args: ArgsDef = {};
  let flag: string | undefined;
  let positional = 0;
  let config: string | undefined;
  const used = new Set<string>();
  for (const [at, word] of words.entries()) {
    if (flag !== undefined) {
      if (flag === "config") config = word;
      flag = undefined;
      continue;
    }
    const [, name = "", value] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name !== "") {
      used.add(name);
      if (value === undefined && args[name] !== undefined && args[name].type !== "boolean") flag = name;
      if (value !== undefined && name === "config") config = value;
      continue;
    }
    if (at === 0 && word === "help") continue;
    const next = await resolvePart<CommandDef>((await resolvePart(command.subCommands))?.[word]);
    if (next === undefined) positional += 1;
    else {
      command = next;
      args = (await resolvePart(next.args)) ?? {};
    }
  }
  return { command, args, flag, used, positional, config };
}

async function commandsOf(command: CommandDef): Promise<Candidate[]> {
  const commands: Candidate[] = [];
  for (const [word, part] of Object.entries((await resolvePart(command.subCommands)) ?? {})) {
    const meta = await resolvePart((await resolvePart<CommandDef>(part))?.meta);
    commands.push({ word, description: meta?.description ?? "" });
  }
  return commands;
}

function valuesOf(arg: ArgDef | undefined, config: string | undefined, around: Surroundings): Candidates {
  if (arg?.type === "enum") return plain(arg.options ?? []);
  switch (arg?.valueHint) {
    case "file":
      return { kind: "files" };
    case "key":
      return plain(around.keyNames(config));
    case "variable":
      return plain(around.variables);
    default:
      return plain(arg?.valueHint?.includes("|") === true ? arg.valueHint.split("|") : []);
  }
}

function plain(words: readonly string[]): Candidates {
  return ofWords(words.map((word) => ({ word, description: "" })));
}

function ofWords(words: readonly Candidate[]): Candidates {
  return { kind: "words", words };
}

function fitting(candidates: Candidates, current: string): Candidates {
  if (candidates.kind === "files") return candidates;
  return ofWords(candidates.words.filter(({ word }) => word.startsWith(current)));
}

function prefixed(candidates: Candidates, prefix: string): Candidates {
  if (candidates.kind === "files") return candidates;
  return ofWords(candidates.words.map(({ word, description }) => ({ word: prefix + word, description })));
}
