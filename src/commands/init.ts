import { existsSync, writeFileSync } from "node:fs";

import { defineCommand } from "citty";
import { consola } from "consola";

import example from "../../keycycle.yaml.example" with { type: "text" };
import { showTyped } from "../config/secrecy.ts";
import { codeOf, KeyCycleError } from "../error.ts";
import { help } from "./help.ts";

export const init = defineCommand({
  meta: help({
    name: "init",
    description: "Write a commented configuration to fill in.",
    example: "keycycle init --output ./keycycle.yaml",
  }),
  args: {
    output: { type: "string", description: "Where to write it", default: "keycycle.yaml", valueHint: "file" },
  },
  run({ args }) {
    const path = args.output;
    if (existsSync(path)) {
      throw new KeyCycleError(
        "init/exists",
        `${showTyped(path)} is there already and was left as it is. Choose another with --output.`,
      );
    }
    try {
      // It will hold keys: nobody else on the machine may read it.
      writeFileSync(path, example, { mode: 0o600, flag: "wx" });
    } catch (error) {
      throw new KeyCycleError(
        "init/unwritable",
        `${showTyped(path)} cannot be written (${codeOf(error)}). Choose another with --output.`,
      );
    }
    consola.success(
      `Wrote ${path}. Put your keys into it, or into the environment or .env, then: keycycle serve`,
    );
  },
});
