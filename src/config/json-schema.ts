import { Kind, KindGuard, type TSchema } from "@sinclair/typebox";

import { ConfigFile } from "./schema.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Editors know this draft best (https://json-schema.org/draft-07). */
const DRAFT = "http://json-schema.org/draft-07/schema#";

/**
 * What a configuration file may hold, for editors and other tools: the reader's own schema in standard
 * words, and as a person writes it, so that a variable may stand for any single value and a section may be
 * left empty. It accepts all that the reader accepts; the reader knows more.
 */
export function configJsonSchema(): JsonSchema {
  return { $schema: DRAFT, title: "KeyCycle configuration", ...standard(ConfigFile) };
}

function standard(schema: TSchema): JsonSchema {
  const { description, default: standIn } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...formOf(schema),
    ...(standIn === undefined ? {} : { default: standIn }),
  };
}

function formOf(schema: TSchema): JsonSchema {
  if (KindGuard.IsObject(schema)) {
    const properties = Object.entries(schema.properties).map(([name, part]) => [name, standard(part)]);
    return {
      type: EMPTY_OR("object"),
      properties: Object.fromEntries(properties),
      additionalProperties: false,
      ...needsOf(schema),
    };
  }
  if (KindGuard.IsArray(schema)) return { type: EMPTY_OR("array"), items: standard(schema.items) };
  if (KindGuard.IsRecord(schema)) {
    const [item] = Object.values(schema.patternProperties);
    return {
      type: EMPTY_OR("object"),
      ...(item === undefined ? {} : { additionalProperties: standard(item) }),
    };
  }
  return scalarForm(schema);
}

/** A setting whose lines are all commented out has nothing behind its colon. */
const EMPTY_OR = (type: string) => [type, "null"];

function scalarForm(schema: TSchema): JsonSchema {
  const { minimum, maximum, exclusiveMinimum } = schema;
  switch (schema[Kind]) {
    case "Integer":
    case "Number": {
      const bounds = { minimum, maximum, exclusiveMinimum };
      const type = schema[Kind] === "Integer" ? "integer" : "number";
      return { anyOf: [{ type, ...defined(bounds) }, VARIABLE] };
    }
    case "Boolean":
      return { anyOf: [{ type: "boolean" }, VARIABLE] };
    case "Choice":
      return { anyOf: [{ enum: schema["enum"] }, VARIABLE] };
    case "Duration": {
      const text = { type: "string", pattern: DURATION };
      return { anyOf: schema["least"] === undefined ? [text, { const: 0 }, VARIABLE] : [text, VARIABLE] };
    }
    case "Size":
    case "Count":
      return {
        anyOf: [
          { type: "number", minimum: schema["least"] ?? 0 },
          { type: "string", pattern: QUANTITY },
          VARIABLE,
        ],
      };
    case "List":
      return { anyOf: [TEXT, { type: "array", items: TEXT }] };
    default:
      return TEXT;
  }
}

const TEXT: JsonSchema = { type: "string", minLength: 1 };

/** `${NAME}`, alone or within other text. */
const VARIABLE: JsonSchema = { type: "string", pattern: "\\$\\{[A-Za-z_]" };

/** As `parseDuration` and `parseQuantity` have them. */
const DURATION = String.raw`^\s*(0|(\d+(\.\d+)?(ms|s|m|h))+)\s*$`;
const QUANTITY = String.raw`^\s*\d+(_\d+)*(\.\d+)? ?([kKmMgG]([iI]?[bB])?|[bB])?\s*$`;

/** Of each group at least one must be there. */
function needsOf(schema: TSchema): JsonSchema {
  const needs: readonly (readonly string[])[] = schema["needs"] ?? [];
  if (needs.length === 0) return {};
  return { allOf: needs.map((names) => ({ anyOf: names.map((name) => ({ required: [name] })) })) };
}

function defined(keywords: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}
