import { defineCommand } from "citty";
import { consola } from "consola";

import { refuseExposure } from "../config/exposure.ts";
import type { Config } from "../config/config.ts";
import { InvalidConfigError } from "../config/invalid-config.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { KeyCycleError } from "../error.ts";
import { warnOfAliases } from "../proxy/alias-warnings.ts";
import { progress } from "../terminal/progress.ts";
import { windowWidth } from "../terminal/window.ts";
import { failureJson, reportJson } from "./check/json.ts";
import { noticesOf } from "./check/notices.ts";
import { liveReport } from "./check/live-report.ts";
import { reportOf } from "./check/report.ts";
import { routingsOf } from "./check/routing.ts";
import { help } from "./help.ts";
import { worksNow } from "./survey/standing.ts";
import { surveyKeys, type Survey } from "./survey/survey-keys.ts";

/** More than these nobody reads; a slip that is made a thousand times is plain from the first ones. */
const MAX_WARNINGS = 40;

export const check = defineCommand({
  meta: help({
    name: "check",
    description:
      "Check a configuration and show how it is understood: each model and the keys that would serve it. Exit code 2 where the configuration is wrong, 1 where --live finds a key that does not work now.",
    example: "keycycle check --live",
  }),
  args: {
    config: { type: "string", description: "Configuration file", valueHint: "file" },
    live: {
      type: "boolean",
      description: "Ask the provider of each key, for free, whether it takes it, and which models it may use",
    },
    json: { type: "boolean", description: "For programs: the same as JSON" },
  },
  async run({ args }) {
    const asJson = args.json === true;
    const loaded = loadOrTell(args.config, asJson);
    if (loaded === undefined) return;
    const { config } = loaded;
    const routings = routingsOf(config);
    const warnings = [...loaded.warnings, ...warnOfAliases(config), ...noticesOf(config, routings)];
    if (!asJson) {
      consola.success(summaryOf(loaded));
      console.log(reportOf(config, routings, windowWidth()).join("\n"));
    }
    const surveys = args.live === true ? await surveyed(config) : undefined;
    if (asJson) {
      console.log(JSON.stringify(reportJson(config, routings, warnings, surveys), null, 2));
      return;
    }
    if (surveys !== undefined) console.log(liveReport(surveys, windowWidth()).join("\n"));
    if (warnings.length > 0) console.log("");
    for (const warning of warnings.slice(0, MAX_WARNINGS)) consola.warn(warning);
    const more = warnings.length - MAX_WARNINGS;
    if (more > 0) consola.warn(`And ${more} more, which keycycle check --json tells.`);
  },
});

async function surveyed(config: Config): Promise<Survey[]> {
  const shown = progress("Asking the providers", config.keys.length);
  const surveys = await surveyKeys(config, () => shown.step());
  shown.end();
  if (!surveys.every(({ standing }) => worksNow(standing))) process.exitCode = 1;
  return surveys;
}

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
