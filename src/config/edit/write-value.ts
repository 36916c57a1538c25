/** The fields of an entry as they are to stand in the file, in their order. */
export type Fields = Readonly<Record<string, string | number | readonly string[]>>;

/** Text that YAML takes for itself, wherever it stands: no sign with a meaning, no word for something else. */
const PLAIN = /^[A-Za-z_](?:[\w./@+-]|:(?=[\w./]))*\*?$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|nan)$/i;
const VARIABLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

export type Style = "block" | "flow" | "json";

/** One value as YAML or JSON, on one line. */
export function writeValue(value: string | number | readonly string[], style: Style): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return `[${value.map((item) => writeText(item, "flow", style)).join(", ")}]`;
  return writeText(value, style, style);
}

function writeText(text: string, place: Style, style: Style): string {
  const plain =
    style !== "json" && !WORDS.test(text) && (PLAIN.test(text) || (place === "block" && VARIABLE.test(text)));
  return plain ? text : JSON.stringify(text);
}

/** The lines of an entry in a block list, without the dash and the space before it. */
export function writeBlock(fields: Fields): string[] {
  return Object.entries(fields).map(([name, value]) => `${name}: ${writeValue(value, "block")}`);
}

/** An entry in braces, on one line. */
export function writeFlow(fields: Fields, style: "flow" | "json"): string {
  const pairs = Object.entries(fields).map(([name, value]) => {
    return `${style === "json" ? JSON.stringify(name) : name}: ${writeValue(value, style)}`;
  });
  return `{ ${pairs.join(", ")} }`;
}
