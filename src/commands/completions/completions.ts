import { defineCommand } from "citty";

import { help } from "../help.ts";
import { SCRIPTS, SHELLS } from "./scripts.ts";
import { KeyCycleError } from "../../error.ts";
import { nearest } from "../../config/nearest.ts";
import { showTyped } from "../../config/secrecy.ts";

export const completions = defineCommand({
  meta: help({
    name: "completions",
    description: "Print what a shell loads to complete commands, flags and the names of keys.",
    example: "source <(keycycle completions bash)",
  }),
  args: {
    shell: {
      type: "positional",
      description: `The shell: ${SHELLS.join(", ")}`,
      valueHint: SHELLS.join("|"),
      required: true,
    },
  },
  run({ args }) {
    const shell = SHELLS.find((name) => name === args.shell);
    if (shell === undefined) {
      const near = nearest(args.shell, SHELLS);
      const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
      throw new KeyCycleError(
        "usage/shell",
        `There are completions for ${SHELLS.join(", ")}, not for "${showTyped(args.shell)}".${hint}`,
      );
    }
    process.stdout.write(SCRIPTS[shell]);
  },
});
