import { readMember, scanItems, scanTopLevel } from "./json-scan.ts";

const MODELS: ReadonlySet<string> = new Set(["models"]);

/**
 * The models that a JSON body names beside its `model`, which OpenRouter falls back to
 * (https://openrouter.ai/docs/features/model-routing).
 *
 * @returns `"duplicate"` where they stand there twice, as parsers differ on which ones count
 */
export function furtherModels(body: Buffer): readonly string[] | "duplicate" {
  const scan = scanTopLevel(body, MODELS);
  if (scan.kind === "duplicate") return "duplicate";
  const span = scan.kind === "found" ? scan.members.get("models") : undefined;
  if (span === undefined) return [];
  const list = body.subarray(span.start, span.end);
  return scanItems(list).flatMap((item) => readMember(list, item) ?? []);
}
