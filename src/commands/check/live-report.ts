import { colors } from "consola/utils";

import { table } from "../../terminal/table.ts";
import type { Survey } from "../survey/survey-keys.ts";
import { modelsText, stateText, toldText } from "../survey/survey-text.ts";
import { limitsText } from "./report.ts";

/**
 * What the providers said of the keys, for a person.
 *
 * @param width  of the window, in columns; Infinity for a pipe
 */
export function liveReport(surveys: readonly Survey[], width: number): string[] {
  const rows = surveys.map((survey) => {
    const { key, limits } = survey;
    return [key.name, stateText(survey), modelsText(survey), toldText(limits) || limitsText(key.limits)];
  });
  const columns = [
    { title: "key", cut: "middle" },
    { title: "state", whole: true },
    { title: "may use" },
    { title: "limits" },
  ] as const;
  return ["", colors.bold("Live"), ...table(columns, rows, width)];
}
