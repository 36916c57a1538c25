import type { Config, KeyConfig } from "../../config/config.ts";
import { APIS } from "../../providers/api.ts";
import type { ToldLimits } from "../../providers/told-limits.ts";
import { askProvider } from "../../proxy/ask-provider.ts";
import { askForList } from "../../proxy/models/ask-for-list.ts";
import { createRuntime, type UpstreamKey } from "../../proxy/runtime.ts";
import { standingOf, type Told } from "./standing.ts";

/** What a provider says of a key when it is asked for free. */
export interface Survey extends Told {
  readonly key: KeyConfig;
  /** What the key may use; undefined where the provider does not list it. */
  readonly models: readonly string[] | undefined;
  /** Undefined where the answer told none. */
  readonly limits: ToldLimits | undefined;
}

/** Asked at once: many keys are soon through, and no provider takes it for an attack. */
const AT_ONCE = 8;

/** Somebody waits at the terminal: what has not answered by then will not answer clients either. */
const MAX_MS = 10_000;

/**
 * Asks the providers of keys, by calls that cost nothing, whether they take them and for which models.
 *
 * @param onDone  called after each key
 * @returns in the order of the keys
 */
export async function surveyKeys(config: Config, onDone: (survey: Survey) => void): Promise<Survey[]> {
  const {
    keys,
    config: { rotation },
  } = createRuntime(config);
  const timeouts = { ...rotation.timeouts, firstByteMs: Math.min(rotation.timeouts.firstByteMs, MAX_MS) };
  const waiting = [...keys.entries()];
  const surveys = new Map<number, Survey>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, key] = next;
      const survey = await surveyKey(key, timeouts);
      surveys.set(at, survey);
      onDone(survey);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return keys.flatMap((_, at) => surveys.get(at) ?? []);
}

async function surveyKey(key: UpstreamKey, timeouts: Config["rotation"]["timeouts"]): Promise<Survey> {
  const asked = await askProvider(key, timeouts, new AbortController());
  const { verdict, outcome, limits } = asked;
  const api = APIS.find((each) => key.provider.serves(each, key.config)) ?? "openai";
  const list =
    verdict === "refused" || outcome.kind === "upstream-failure"
      ? undefined
      : await askForList(key, key.provider.modelList(api, key.config), timeouts);
  const models = list?.kind === "listed" ? [...list.models.keys()].toSorted() : undefined;
  return { key: key.config, ...standingOf(asked, list), models, limits };
}
