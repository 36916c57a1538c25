import { defineCommand } from "citty";
import { consola } from "consola";

import { refuseExposure } from "../config/exposure.ts";
import { InvalidConfigError } from "../config/invalid-config.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { KeyCycleError } from "../error.ts";
import { warnOfAliases } from "../proxy/alias-warnings.ts";
import { windowWidth } from "../terminal/window.ts";
import { failureJson, reportJson } from "./check/json.ts";
import { noticesOf } from "./check/notices.ts";
import { reportOf } from "./check/report.ts";
import { routingsOf } from "./check/routing.ts";
import { help } from "./help.ts";

export const check = defineCommand({
  meta: help({
    name: "check",
    description:
      "Check a configuration and show how it is understood: each model and the keys that would serve it. Exit code 2 where the configuration is wrong.",
    example: "keycycle check --config ./keycycle.yaml",
  }),
  args: {
    config: { type: "string", description: "Configuration file", valueHint: "file" },
    json: { type: "boolean", description: "For programs: the same as JSON" },
  },
  run({ args }) {
    const asJson = args.json === true;
    const loaded = loadOrTell(args.config, asJson);
    if (loaded === undefined) return;
    const { config } = loaded;
    const routings = routingsOf(config);
    const warnings = [...loaded.warnings, ...warnOfAliases(config), ...noticesOf(config, routings)];
    if (asJson) {
      console.log(JSON.stringify(reportJson(config, routings, warnings), null, 2));
      return;
    }
    consola.success(summaryOf(loaded));
    console.log(reportOf(config, routings, windowWidth()).join("\n"));
    if (warnings.length > 0) console.log("");
    for (const warning of warnings) consola.warn(warning);
  },
});

/** @returns undefined where the configuration is wrong and that has been told as JSON */
function loadOrTell(explicitPath: string | undefined, asJson: boolean): LoadedConfig | undefined {
  try {
    const loaded = loadConfig({ explicitPath, env: process.env, cwd: process.cwd() });
    refuseExposure(loaded.config, loaded.diagnoseHost);
    return loaded;
  } catch (error) {
    if (!asJson || !(error instanceof KeyCycleError)) throw error;
    const diagnostics = error instanceof InvalidConfigError ? error.diagnostics : [];
    console.log(JSON.stringify(failureJson(error, diagnostics), null, 2));
    process.exitCode = 2;
    return undefined;
  }
}

function summaryOf({ config: { source, keys, clients, aliases } }: LoadedConfig): string {
  const what = source.kind === "file" ? source.path : "The environment";
  const counts = [
    `${keys.length} ${keys.length === 1 ? "key" : "keys"}`,
    ...(aliases.length === 0 ? [] : [`${aliases.length} ${aliases.length === 1 ? "alias" : "aliases"}`]),
    clients.length === 0
      ? "no clients (this machine only)"
      : `${clients.length} ${clients.length === 1 ? "client" : "clients"}`,
  ];
  return `${what} is right: ${counts.join(", ")}.`;
}
