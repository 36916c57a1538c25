import type { Config } from "../../config/config.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import type { KeyCycleError } from "../../error.ts";
import { worksNow } from "../survey/standing.ts";
import type { Survey } from "../survey/survey-keys.ts";
import { unlisted } from "../survey/survey-text.ts";
import type { Routing } from "./routing.ts";

/**
 * What `check --json` says of a right configuration: `ok` where the exit code is 0. Never a secret.
 *
 * @param surveys  undefined where the providers were not asked
 */
export function reportJson(
  config: Config,
  routings: readonly Routing[],
  warnings: readonly string[],
  surveys: readonly Survey[] | undefined,
): object {
  return {
    ok: surveys?.every(({ standing }) => worksNow(standing)) ?? true,
    source: config.source,
    keys: config.keys.map(({ name, provider, url, models, priority, weight, limits }) => {
      return { name, provider, url, models, priority, weight, limits };
    }),
    models: routings,
    aliases: config.aliases.map(({ name, models }) => ({ name, models })),
    clients: config.clients.map(({ name, models, limits }) => ({ name, models, limits })),
    warnings,
    errors: [],
    ...(surveys === undefined ? {} : { live: surveys.map(surveyJson) }),
  };
}

/** What it says of a wrong one, or of none. */
export function failureJson({ code, message }: KeyCycleError, diagnostics: readonly Diagnostic[]): object {
  const errors = diagnostics.map(({ file, line, column, message: what, instead }) => {
    return { file, line, column, message: what, instead };
  });
  return { ok: false, code, errors: errors.length > 0 ? errors : [{ message }] };
}

function surveyJson(survey: Survey): object {
  const { key, standing, reason, models, limits } = survey;
  return { name: key.name, state: standing, reason, models, unlisted: unlisted(survey), limits };
}
