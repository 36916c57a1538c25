import { dirname, resolve } from "node:path";

import { defineCommand } from "citty";
import { consola } from "consola";

import { removeKey } from "../../config/edit/remove-key.ts";
import type { ReadKeysFile } from "../../config/expand.ts";
import { variablesIn } from "../../config/interpolate.ts";
import { showTyped } from "../../config/secrecy.ts";
import { KeyCycleError } from "../../error.ts";
import { askYes, canAsk, Cancelled } from "../../terminal/questions.ts";
import { help } from "../help.ts";
import { applyEdit, type Edit } from "./apply-edit.ts";
import { type EditableConfig, editableConfig } from "./editable-config.ts";
import { inTurn } from "./in-turn.ts";

export const remove = defineCommand({
  meta: help({
    name: "remove",
    description: "Take a key out of the configuration; every other byte of it stays.",
    example: "keycycle keys remove openai-2",
  }),
  args: {
    name: {
      type: "positional",
      description: "The key, as keycycle check and the log call it; or an entry of several keys",
      valueHint: "key",
      required: true,
    },
    config: { type: "string", description: "Configuration file", valueHint: "file" },
    yes: { type: "boolean", description: "Do not ask" },
  },
  async run({ args }) {
    const planned = planOf(args.config, args.name);
    if (args.yes !== true) {
      if (!canAsk())
        throw new KeyCycleError(
          "usage/keys-remove",
          `This takes ${planned.names} out of ${planned.file} for good: say --yes.`,
        );
      if (!(await askYes(`Take ${planned.names} out of ${planned.file}?`, false))) throw new Cancelled();
    }
    await inTurn(planned.config.path, async () => {
      // As it is now: another command may have changed it while this one asked.
      const { config, edit, file, left } = planOf(args.config, args.name);
      await applyEdit(config, edit);
      const unused = [...variablesIn(config.text).difference(variablesIn(left))];
      if (unused.length > 0) consola.info(`Nothing in ${file} uses ${unused.join(", ")} any more.`);
    });
  },
});

interface Plan {
  readonly config: EditableConfig;
  readonly edit: Edit;
  readonly names: string;
  /** As messages name the one that changes. */
  readonly file: string;
  /** The configuration afterwards. */
  readonly left: string;
}

/** @throws KeyCycleError `usage/keys-remove` where the key cannot be taken out */
function planOf(explicitPath: string | undefined, name: string): Plan {
  const config = editableConfig(explicitPath);
  const removal = removeKey(config.text, name, config.options);
  if (removal.kind === "refused")
    throw new KeyCycleError("usage/keys-remove", `${showTyped(name)}: ${removal.problem}`);
  const names = removal.names.join(", ");
  const file = removal.kind === "config" ? config.shownPath : removal.path;
  const path = removal.kind === "config" ? config.path : resolve(dirname(config.path), removal.path);
  const mark = removal.kind === "config" ? config.mark : removal.mark;
  const left = removal.kind === "config" ? removal.text : config.text;
  const readKeysFile: ReadKeysFile = (written) =>
    removal.kind === "keys-file" && written === removal.path
      ? { ok: true, text: removal.text, mark: "" }
      : config.options.readKeysFile(written);
  const edit: Edit = {
    files: [{ path, text: mark + removal.text, mode: "kept" }],
    text: left,
    options: { ...config.options, readKeysFile },
    holdsNewKeys: false,
    summary: `Took ${names} out of ${file}.`,
  };
  return { config, edit, names, file, left };
}
