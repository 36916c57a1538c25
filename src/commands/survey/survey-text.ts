import { colors } from "consola/utils";

import { isExactName, OTHERS } from "../../rotation/models.ts";
import type { ToldLimit, ToldLimits } from "../../providers/told-limits.ts";
import type { Survey } from "./survey-keys.ts";

/** What a provider said of a key, in a word or two. */
export function stateText({ standing, reason }: Pick<Survey, "standing" | "reason">): string {
  const because = reason === undefined ? "" : ` (${reason})`;
  switch (standing) {
    case "accepted":
      return colors.green("accepted");
    case "refused":
      return colors.red(`refused${because}`);
    case "untold":
      return "not told for free";
    case "no-provider":
      return colors.red(`no provider there${because}`);
    case "unreached":
      return colors.yellow(`not reached${because}`);
    case "spent":
    case "limited":
    case "failing":
      return colors.yellow(`${standing}${because}`);
  }
}

/** How many models it may use, and which of those that it names are not among them. */
export function modelsText(survey: Survey): string {
  const { models } = survey;
  if (models === undefined) return "";
  const missing = unlisted(survey);
  const count = `${models.length} ${models.length === 1 ? "model" : "models"}`;
  return missing.length === 0 ? count : `${count}, ${colors.yellow(`not ${missing.join(", ")}`)}`;
}

/** Models that the configuration names for the key and the provider does not list for it. */
export function unlisted({ key, models }: Survey): string[] {
  if (models === undefined) return [];
  const listed = new Set(models);
  return key.models.filter((model) => model !== OTHERS && isExactName(model) && !listed.has(model));
}

/** What the answer's headers told: `499 of 500 requests`. */
export function toldText(limits: ToldLimits | undefined): string {
  return [...limitText(limits?.requests, "requests"), ...limitText(limits?.tokens, "tokens")].join(", ");
}

function limitText(limit: ToldLimit | undefined, unit: string): string[] {
  if (limit === undefined) return [];
  const { remaining, limit: most } = limit;
  return [most === undefined ? `${remaining} ${unit}` : `${remaining} of ${most} ${unit}`];
}
