import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { parseEnv } from "node:util";

import { defineCommand } from "citty";
import { consola } from "consola";

import { dotEnvPath } from "../../config/dot-env.ts";
import { readTextFile } from "../../config/files.ts";
import { variablesIn } from "../../config/interpolate.ts";
import { loadConfig } from "../../config/load.ts";
import { replaceFiles } from "../../config/replace-file.ts";
import { KeyCycleError } from "../../error.ts";
import { difference } from "../../terminal/difference.ts";
import { windowWidth } from "../../terminal/window.ts";
import { askYes, canAsk, Cancelled } from "../../terminal/questions.ts";
import { help } from "../help.ts";
import { thisUnit } from "./this-unit.ts";
import { whyNotStarted } from "./unit.ts";

export const install = defineCommand({
  meta: help({
    name: "install",
    description: "Show what systemd or launchd would be told, ask, and write it. Nothing is started.",
    example: "keycycle service install --config ~/keycycle/keycycle.yaml",
  }),
  args: {
    config: { type: "string", description: "Configuration file", valueHint: "file" },
    yes: { type: "boolean", description: "Do not ask" },
  },
  async run({ args }) {
    const path = configPathOf(args.config);
    const unit = thisUnit(path);
    const before = readTextFile(unit.path);
    if (before.ok && before.text === unit.text) {
      consola.success(`${unit.path} is as it should be. To start it: ${unit.start}`);
      return;
    }
    console.log(`${unit.path}\n`);
    console.log(before.ok ? difference(before.text, unit.text, windowWidth()).join("\n") : unit.text);
    const found = {
      systemdFolder: existsSync("/run/systemd/system"),
      systemctl: Bun.which("systemctl") !== null,
    };
    const unstarted = whyNotStarted(process.platform, found, path);
    if (unstarted !== undefined) consola.warn(unstarted);
    for (const warning of missingVariables(path)) consola.warn(warning);
    if (args.yes !== true) {
      if (!canAsk())
        throw new KeyCycleError("usage/service", `Nothing was written. To write ${unit.path}: say --yes.`);
      if (!(await askYes(`Write ${unit.path}?`, true))) throw new Cancelled();
    }
    mkdirSync(dirname(unit.path), { recursive: true });
    replaceFiles([{ path: unit.path, text: unit.text, mode: "kept" }]);
    consola.success(`Wrote it. Next: ${unit.start}`);
  },
});

/** The configuration must be right, and a file: a service has no shell that could hand it keys. */
function configPathOf(explicitPath: string | undefined): string {
  const { config } = loadConfig({ explicitPath, env: process.env, cwd: process.cwd() });
  if (config.source.kind === "file") return config.source.path;
  throw new KeyCycleError(
    "config/none-found",
    "A service does not see the environment of this shell, so it needs a configuration: keycycle init makes one.",
  );
}

function missingVariables(configPath: string): string[] {
  const config = readTextFile(configPath);
  const dotEnv = readTextFile(dotEnvPath(configPath));
  const kept = new Set(dotEnv.ok ? Object.keys(parseEnv(dotEnv.text)) : []);
  // One with a default can do without.
  const needed = variablesIn(config.ok ? config.text.replaceAll(/\$\{\w+:-[^}]*\}/g, "") : "");
  const missing = [...needed.difference(kept)];
  if (missing.length === 0) return [];
  return [
    `${missing.join(", ")}: in the environment of this shell perhaps, but a service sees only ${dotEnvPath(configPath)}. Put them there.`,
  ];
}
