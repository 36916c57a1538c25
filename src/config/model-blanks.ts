import type { Reader } from "./reader.ts";
import { isShowable } from "./secrecy.ts";
import type { Source } from "./source.ts";

/**
 * Warns of names of models that hold a blank, as `[gpt-4o gpt-4]` and a text that goes on in the next line
 * do: no provider's model has such a name, though a server of one's own may.
 *
 * @param models  as read from the file; those that are a default stand nowhere
 */
export function warnOfBlanks(models: readonly string[], reader: Reader, source: Source): string[] {
  const origin = reader.origins.get(models);
  if (origin === undefined) return [];
  return models.flatMap((model, index) => {
    if (!/\s/.test(model)) return [];
    const { line, column } = source.position((origin.fields.get(String(index)) ?? origin.span).start);
    const [shown, meant] = isShowable(model)
      ? [` "${model}"`, `[${model.split(/\s+/).join(", ")}]`]
      : ["", "[a, b]"];
    return `${source.path}:${line}:${column}  ${origin.path} names one model${shown}, with a blank in its name: if several are meant, write ${meant}`;
  });
}
