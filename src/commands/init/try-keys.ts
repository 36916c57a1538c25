import { consola } from "consola";

import type { Env } from "../../config/interpolate.ts";
import type { Draft, DraftEntry } from "../../setup/draft.ts";
import { draftConfig } from "../../setup/draft-config.ts";
import { idOf, maskedSecret, titleOf, type NewSecret } from "../../setup/new-key.ts";
import { progress } from "../../terminal/progress.ts";
import { askYes } from "../../terminal/questions.ts";
import { table } from "../../terminal/table.ts";
import { windowWidth } from "../../terminal/window.ts";
import { surveyKeys, type Survey } from "../survey/survey-keys.ts";
import { modelsText, stateText, toldText } from "../survey/survey-text.ts";

/** What the providers said of a draft's keys. */
export interface Tried {
  readonly draft: Draft;
  /** What the keys of a destination (by `idOf`) may use, all of them together, sorted; none where nobody told. */
  readonly models: ReadonlyMap<string, readonly string[]>;
}

interface TriedKey {
  readonly entry: DraftEntry;
  readonly secret: NewSecret;
  readonly survey: Survey;
}

/**
 * Asks the providers, for free, whether they take the keys, and shows what they say. Goes on where they
 * cannot be reached.
 *
 * @param asks  whether somebody is there to say what becomes of refused keys; else they stay, with a warning
 */
export async function tryKeys(draft: Draft, env: Env, asks: boolean): Promise<Tried> {
  const known = draftConfig(draft, env);
  if (known === undefined) return { draft, models: new Map() };
  const shown = progress("Asking the providers, for free", known.config.keys.length);
  const surveys = await surveyKeys(known.config, () => shown.step());
  shown.end();
  const tried = surveys.flatMap((survey, at): TriedKey[] => {
    const place = known.places[at];
    return place === undefined ? [] : [{ ...place, survey }];
  });
  console.log(`${reportOf(tried).join("\n")}\n`);
  tellUnreached(tried);
  const models = new Map<string, string[]>();
  for (const { entry, survey } of tried) {
    const id = idOf(entry.destination);
    models.set(id, [...new Set([...(models.get(id) ?? []), ...(survey.models ?? [])])].toSorted());
  }
  return { draft: await withoutRefused(draft, tried, asks), models };
}

function tellUnreached(tried: readonly TriedKey[]): void {
  const { length } = tried.filter(
    ({ survey }) => survey.standing === "unreached" || survey.standing === "failing",
  );
  if (length === 0) return;
  const some = length === 1 ? "The provider of 1 key was" : `The providers of ${length} keys were`;
  const which = length === tried.length ? "No provider was reached" : `${some} not reached`;
  consola.warn(`${which}: the keys are taken as they are, and keycycle check --live asks again.`);
}

async function withoutRefused(draft: Draft, tried: readonly TriedKey[], asks: boolean): Promise<Draft> {
  const refused = new Set(
    tried.flatMap(({ secret, survey }) => (survey.standing === "refused" ? [secret] : [])),
  );
  // A variable with several keys goes or stays as a whole.
  for (const { secret, survey } of tried) if (survey.standing !== "refused") refused.delete(secret);
  if (refused.size === 0) return draft;
  const one = refused.size === 1;
  if (!asks) {
    const count = one ? "1 key is" : `${refused.size} keys are`;
    consola.warn(`${count} refused, and taken all the same: keycycle keys remove takes them out.`);
    return draft;
  }
  if (
    !(await askYes(`Leave out the ${one ? "key that is" : `${refused.size} keys that are`} refused?`, true))
  )
    return draft;
  const entries = draft.entries.flatMap((entry) => {
    const secrets = entry.secrets.filter((secret) => !refused.has(secret));
    return secrets.length === 0 ? [] : [{ ...entry, secrets }];
  });
  return { ...draft, entries };
}

function reportOf(tried: readonly TriedKey[]): string[] {
  const rows = tried.map(({ entry: { destination }, secret, survey }) => [
    maskedSecret(secret),
    titleOf(destination),
    stateText(survey),
    modelsText(survey),
    toldText(survey.limits),
  ]);
  return table(
    ["key", "provider", "state", "may use", "limits"].map((title) => ({ title, whole: title === "state" })),
    rows,
    windowWidth(),
  );
}
