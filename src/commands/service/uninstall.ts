import { rmSync } from "node:fs";

import { defineCommand } from "citty";
import { consola } from "consola";

import { readTextFile } from "../../config/files.ts";
import { KeyCycleError } from "../../error.ts";
import { askYes, canAsk, Cancelled } from "../../terminal/questions.ts";
import { help } from "../help.ts";
import { thisUnit } from "./this-unit.ts";
import { MARK } from "./unit.ts";

export const uninstall = defineCommand({
  meta: help({
    name: "uninstall",
    description: "Take away what keycycle service install wrote.",
    example: "keycycle service uninstall",
  }),
  args: { yes: { type: "boolean", description: "Do not ask" } },
  async run({ args }) {
    const unit = thisUnit("");
    const file = readTextFile(unit.path);
    if (!file.ok)
      throw new KeyCycleError(
        "service/none",
        `There is no service to take away: ${unit.path} ${file.reason}.`,
      );
    if (!file.text.includes(MARK))
      throw new KeyCycleError(
        "service/foreign",
        `${unit.path} was not written by keycycle, so it was left alone.`,
      );
    if (args.yes !== true) {
      if (!canAsk()) throw new KeyCycleError("usage/service", `This deletes ${unit.path}: say --yes.`);
      if (!(await askYes(`Delete ${unit.path}?`, false))) throw new Cancelled();
    }
    for (const path of [unit.path, ...unit.links]) rmSync(path, { force: true });
    consola.success(`Deleted ${unit.path}. Should it still run: ${unit.stop}`);
  },
});
