import { Value } from "@sinclair/typebox/value";
import type { Node } from "yaml";
import type { Config } from "./config.ts";
import { diagnose, type Diagnostic, type Problem } from "./diagnostic.ts";
import { expandAliases } from "./expand-aliases.ts";
import { expandClients, expandKeys, type ReadKeysFile } from "./expand.ts";
import type { Env } from "./interpolate.ts";
import { blankJsonComments } from "./json-comments.ts";
import { whyNoJson } from "./json-form.ts";
import { jsonSlips } from "./json-slips.ts";
import { masksOf, masksOfUnparsed } from "./masks.ts";
import { readPlainly } from "./plain-yaml.ts";
import { read } from "./read.ts";
import { Reader } from "./reader.ts";
import { ConfigFile } from "./schema.ts";
import { Source } from "./source.ts";
import { statePlace } from "./state-place.ts";
import { parseSyntax, type Syntax } from "./syntax.ts";

export interface ParseOptions {
  /** As messages name the file; `.json` and `.jsonc` may hold comments of JavaScript's kind. */
  readonly path: string;
  readonly env: Env;
  /** Given the path as the config has it. */
  readonly readKeysFile: ReadKeysFile;
}

/** Given what is wrong and what to write instead. */
export type DiagnoseHost = (problem: Omit<Problem, "span">) => readonly Diagnostic[];

export type ParseResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly string[];
      /** Whether a key or token stands in the file itself. */
      readonly literalSecrets: boolean;
      /** Tells what is wrong with `server.host`, at its place; undefined where it does not stand in the file. */
      readonly diagnoseHost: DiagnoseHost | undefined;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Turns the text of a config file into a Config, or into everything that is wrong with it. */
export function parseConfig(text: string, options: ParseOptions): ParseResult {
  const { path } = options;
  const bare = text.replace(/^\uFEFF/, "");
  const isJson = /\.jsonc?$/i.test(path);
  const source = new Source(path, isJson ? blankJsonComments(bare) : bare);
  const noJson = isJson ? whyNoJson(bare) : undefined;
  const slips = noJson !== undefined ? [noJson] : isJson ? jsonSlips(source) : [];
  if (slips.length > 0) {
    const whole = new Source(path, bare);
    return { ok: false, diagnostics: diagnose(whole, slips, masksOfUnparsed(whole)) };
  }
  const contents = readPlainly(source.text);
  const quick =
    contents && understand(source, { contents, aliases: new Map(), problems: [], readable: true }, options);
  // What is wrong is told from the reading that knows everything.
  return quick?.ok === true ? quick : understand(source, parseSyntax(source), options);
}

function understand(source: Source, syntax: Syntax, { path, env, readKeysFile }: ParseOptions): ParseResult {
  if (!syntax.readable) {
    return { ok: false, diagnostics: diagnose(source, syntax.problems, masksOfUnparsed(source)) };
  }
  const reader = new Reader(source, syntax, env);
  const file = read(reader, ConfigFile, syntax.contents, "");
  const valid = Value.Check(ConfigFile, file) ? file : undefined;
  const config = valid === undefined ? undefined : toConfig(valid, reader, source, readKeysFile);
  const problems =
    reader.overflow === undefined ? [...syntax.problems, ...reader.problems] : [reader.overflow];
  if (problems.length > 0) {
    const masks = masksOf(source, syntax.contents, (node) => reader.mayShow(node));
    return { ok: false, diagnostics: diagnose(source, problems, masks) };
  }
  if (valid === undefined || config === undefined)
    throw new Error(`${path} was read without a problem, but not into a config`);
  const { literalSecrets } = reader;
  return {
    ok: true,
    ...config,
    literalSecrets,
    diagnoseHost: hostDiagnoser(valid, reader, source, syntax.contents),
  };
}

function hostDiagnoser(
  { server }: ConfigFile,
  reader: Reader,
  source: Source,
  contents: Node | undefined,
): DiagnoseHost | undefined {
  const span = reader.origins.get(server)?.fields.get("host");
  if (span === undefined) return undefined;
  return (problem) =>
    diagnose(
      source,
      [{ ...problem, span }],
      masksOf(source, contents, (node) => reader.mayShow(node)),
    );
}

/** The sections that a config without any file has; no file either in which its state would be looked for. */
export function defaultSections(): Pick<
  Config,
  "server" | "rotation" | "state" | "history" | "admin" | "log"
> {
  const source = new Source("", "");
  const file = read(new Reader(source, parseSyntax(source), {}), ConfigFile, undefined, "");
  if (!Value.Check(ConfigFile, file)) throw new Error("the defaults are not a config");
  return { ...sections(file), state: { kind: "memory" } };
}

function toConfig(
  file: ConfigFile,
  reader: Reader,
  source: Source,
  readKeysFile: ReadKeysFile,
): { readonly config: Config; readonly warnings: readonly string[] } {
  const { keys, warnings } = expandKeys(file.apiKeys, reader, source, readKeysFile);
  const clients = expandClients(file.clients, reader, source);
  const named = expandAliases(file.aliases, keys, reader, source);
  const reported = reader.problems.length > 0;
  if (keys.length === 0 && !reported) {
    reader.report(
      reader.origins.get(file)?.fields.get("apiKeys") ?? { start: 0, end: 0 },
      "apiKeys holds no key",
      "an entry for each, such as - { key: ${OPENAI_API_KEY}, url: https://api.openai.com }",
    );
  }
  return {
    config: {
      source: { kind: "file", path: source.path },
      clients,
      keys,
      aliases: named.aliases,
      state: statePlace(file.state),
      ...sections(file),
    },
    warnings: [...warnings, ...named.warnings],
  };
}

function sections({
  server,
  rotation,
  history,
  admin,
  log,
}: ConfigFile): Pick<Config, "server" | "rotation" | "history" | "admin" | "log"> {
  const { maxBody, maxHeld, readTimeout, drainTimeout, ...restOfServer } = server;
  const { deadline, maxWait, probeAfter, timeouts, ...restOfRotation } = rotation;
  return {
    server: {
      ...restOfServer,
      maxBodyBytes: maxBody,
      maxHeldBytes: maxHeld,
      readTimeoutMs: readTimeout,
      drainTimeoutMs: drainTimeout,
    },
    rotation: {
      ...restOfRotation,
      deadlineMs: deadline,
      maxWaitMs: maxWait,
      probeAfterMs: probeAfter,
      timeouts: { connectMs: timeouts.connect, firstByteMs: timeouts.firstByte, idleMs: timeouts.idle },
    },
    history: { keep: history.keep, maxAgeMs: history.maxAge },
    admin: { token: admin.token },
    log,
  };
}
