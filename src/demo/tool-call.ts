import { fieldOf, isRecord, stringIn } from "./json.ts";

/** A tool that a request offers, whatever its API calls it. */
export interface OfferedTool {
  readonly name: string;
  /** JSON schema of its arguments; Google writes the types in capitals. */
  readonly schema: unknown;
}

/** What an answer has in place of words. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: unknown;
}

/** How a request puts its tools. */
export interface ToolQuestion {
  readonly tools: readonly OfferedTool[];
  /** A tool by its name; `any` where some tool has to be called; undefined where the model may choose. */
  readonly demanded: { readonly name: string } | "any" | undefined;
  /** The last thing that was said. */
  readonly last: unknown;
  /** That it is what a tool answered. */
  readonly isResult: boolean;
}

/**
 * The call that a model would make: of the tool that it must call, or of the first that the last message
 * speaks of by name; never behind a tool's result, so that every conversation ends.
 */
export function toolCallFor({ tools, demanded, last, isResult }: ToolQuestion): ToolCall | undefined {
  if (isResult) return undefined;
  const said = JSON.stringify(last ?? "");
  const tool =
    demanded === "any"
      ? tools[0]
      : tools.find(({ name }) => (demanded === undefined ? said.includes(name) : name === demanded.name));
  return tool && { name: tool.name, arguments: exampleOf(tool.schema) };
}

/** Tools of a list whose items have a name and a schema; anything else in it is no tool that is known here. */
export function toolsIn(
  list: unknown,
  nameAndSchema: (tool: unknown) => unknown,
  schemaField: string,
): OfferedTool[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const tool = nameAndSchema(item);
    const name = stringIn(tool, "name");
    return name === undefined ? [] : [{ name, schema: fieldOf(tool, schemaField) }];
  });
}

/** The last item of a list; undefined where it is none, or empty. */
export function lastOf(list: unknown): unknown {
  return Array.isArray(list) ? list.at(-1) : undefined;
}

/** A value that satisfies the schema, as far as types and enumerations go. */
function exampleOf(schema: unknown): unknown {
  const choices = fieldOf(schema, "enum");
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  switch (stringIn(schema, "type")?.toLowerCase()) {
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [exampleOf(fieldOf(schema, "items"))];
    case "string":
      return "simulated";
    default: {
      const properties = fieldOf(schema, "properties");
      const entries = isRecord(properties) ? Object.entries(properties) : [];
      return Object.fromEntries(entries.map(([name, property]) => [name, exampleOf(property)]));
    }
  }
}

/** A tool's arguments as a stream sends them. */
export function argumentDeltas(call: ToolCall): readonly [string, string] {
  const text = JSON.stringify(call.arguments);
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}
