import type { CommandDef } from "citty";

import { yamlOf } from "../../config/edit/key-list.ts";
import { keySpots } from "../../config/edit/key-spots.ts";
import { KeyCycleError } from "../../error.ts";
import { editableConfig } from "../keys/editable-config.ts";
import { candidatesFor } from "./candidates.ts";

/**
 * Answers a shell that asks what may be typed next: a line for each word, its description behind a tab, or
 * `:files` where a file's name belongs. The last argument is what is typed of the word, behind a colon, so
 * that no shell loses it where it is empty.
 */
export async function answerCompletion(root: CommandDef, args: readonly string[]): Promise<void> {
  const current = args.at(-1)?.replace(/^:/, "") ?? "";
  const candidates = await candidatesFor(root, args.slice(0, -1), current, {
    keyNames,
    variables: Object.keys(process.env).filter((name) => /(?:_KEYS?|_TOKEN)(?:_\w+)?$/.test(name)),
  });
  if (candidates.kind === "files") {
    console.log(":files");
    return;
  }
  for (const { word, description } of candidates.words) console.log(`${word}\t${briefly(description)}`);
}

/** The first sentence: a list has one line for each. */
function briefly(description: string): string {
  return description.replace(/[;:.] .*$/s, "").replace(/\.$/, "");
}

function keyNames(config: string | undefined): string[] {
  try {
    const { text, shownPath, env, options } = editableConfig(config);
    const spots = keySpots(yamlOf(text, shownPath), env, options.readKeysFile) ?? [];
    return [...new Set(spots.flatMap(({ name, entryName }) => [name, entryName ?? name]))];
  } catch (error) {
    // Without a configuration there are no names, and a shell has no use for the reason.
    if (error instanceof KeyCycleError) return [];
    throw error;
  }
}
