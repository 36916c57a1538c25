import { eachObject, FOREIGN, type JsonObject, parseJson } from "./client-json.ts";
import { readMember, scanItems, scanTopLevel } from "./json-scan.ts";

/** Schemas, examples, what tools gave and what fills in a prompt may have a member of that name as well. */
const NO_MODELS_WITHIN: ReadonlySet<string> = new Set([
  ...FOREIGN,
  "parametersJsonSchema",
  "parameters_json_schema",
  "responseSchema",
  "response_schema",
  "responseJsonSchema",
  "response_json_schema",
  "input_examples",
  "result",
  "variables",
  "sample",
  "labels",
  "headers",
  "chat_template_kwargs",
]);

const MODELS: ReadonlySet<string> = new Set(["models"]);
const MODEL: ReadonlySet<string> = new Set(["model"]);
const MODEL_NAME = Buffer.from('"model"');

/** Of a letter of ASCII in JSON, as a name could be spelled. */
const ESCAPE = Buffer.from("\\u00");

/**
 * The models that a JSON body names beside its own `model`: those that OpenRouter falls back to
 * (https://openrouter.ai/docs/features/model-routing), and those of what stands deeper in it, such as the
 * requests of a batch, the data of an eval or a tool that makes images.
 *
 * @returns `"duplicate"` where the former stand there twice, as parsers differ on which ones count
 */
export function furtherModels(body: Buffer): readonly string[] | "duplicate" {
  const scan = scanTopLevel(body, MODELS, MODEL);
  if (scan.kind === "duplicate") return "duplicate";
  const span = scan.kind === "found" ? scan.members.get("models") : undefined;
  const list = span === undefined ? undefined : body.subarray(span.start, span.end);
  const fallbacks = list === undefined ? [] : scanItems(list).flatMap((item) => readMember(list, item) ?? []);
  const namesOne = scan.kind === "found" && scan.members.has("model");
  return [...fallbacks, ...deeperModels(body, namesOne)];
}

/** @param namesOne  at its top; where that is plainly the only one, the body is not parsed for others */
function deeperModels(body: Buffer, namesOne: boolean): string[] {
  const from = namesOne ? body.indexOf(MODEL_NAME) + 1 : 0;
  if (!body.includes(MODEL_NAME, from) && !body.includes(ESCAPE)) return [];
  const models: string[] = [];
  const note = ({ model }: JsonObject) => {
    // Google names resources by their kind.
    if (typeof model === "string") models.push(model.replace(/^models\//, ""));
  };
  eachObject(parseJson(body), note, NO_MODELS_WITHIN);
  return models;
}
