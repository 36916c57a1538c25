import { renderDiagnostic, type Diagnostic } from "../../src/config/diagnostic.ts";
import type { Config } from "../../src/config/config.ts";
import type { FileText } from "../../src/config/files.ts";
import { parseConfig, type ParseResult } from "../../src/config/parse.ts";

interface Given {
  path?: string;
  env?: Record<string, string>;
  keysFiles?: Record<string, string>;
}

/** Parses a config text against a made-up environment and made-up keys files. */
export function parse(
  text: string,
  { path = "keycycle.yaml", env = {}, keysFiles = {} }: Given = {},
): ParseResult {
  return parseConfig(text, { path, env, readKeysFile: (name) => keysFileText(keysFiles[name]) });
}

function keysFileText(text: string | undefined): FileText {
  return text === undefined ? { ok: false, reason: "does not exist" } : { ok: true, text, mark: "" };
}

/** The config of a text that must be right. */
export function configOf(text: string, given: Given = {}): Config {
  const result = parse(text, given);
  if (!result.ok) throw new Error(result.diagnostics.map(renderDiagnostic).join("\n"));
  return result.config;
}

/** What is wrong with a text that must be wrong. */
export function diagnosticsOf(text: string, given: Given = {}): readonly Diagnostic[] {
  const result = parse(text, given);
  return result.ok ? [] : result.diagnostics;
}

/** `line:column message`, one a diagnostic. */
export function briefly(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** The smallest right config, for tests about other parts. */
export const ONE_KEY = "apiKeys: [{ key: k-1, url: https://api.openai.com }]\n";
