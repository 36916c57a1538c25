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
import { applyEdit } from "./apply-edit.ts";
import { editableConfig } from "./editable-config.ts";

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
    const config = editableConfig(args.config);
    const removal = removeKey(config.text, args.name, config.options);
    if (removal.kind === "refused")
      throw new KeyCycleError("usage/keys-remove", `${showTyped(args.name)}: ${removal.problem}`);
    const names = removal.names.join(", ");
    const file = removal.kind === "config" ? config.shownPath : removal.path;
    if (args.yes !== true) {
      if (!canAsk())
        throw new KeyCycleError(
          "usage/keys-remove",
          `This takes ${names} out of ${file} for good: say --yes.`,
        );
      if (!(await askYes(`Take ${names} out of ${file}?`, false))) throw new Cancelled();
    }
    const path = removal.kind === "config" ? config.path : resolve(dirname(config.path), removal.path);
    const mark = removal.kind === "config" ? config.mark : removal.mark;
    const readKeysFile: ReadKeysFile = (written) =>
      removal.kind === "keys-file" && written === removal.path
        ? { ok: true, text: removal.text, mark: "" }
        : config.options.readKeysFile(written);
    await applyEdit(config, {
      files: [{ path, text: mark + removal.text, mode: "kept" }],
      text: removal.kind === "config" ? removal.text : config.text,
      options: { ...config.options, readKeysFile },
      summary: `Took ${names} out of ${file}.`,
    });
    const left = removal.kind === "config" ? removal.text : config.text;
    const unused = [...variablesIn(config.text).difference(variablesIn(left))];
    if (unused.length > 0) consola.info(`Nothing in ${file} uses ${unused.join(", ")} any more.`);
  },
});
