import { parseBaseUrl } from "../../config/base-url.ts";
import { KNOWN_PROVIDERS } from "../../config/known-providers.ts";
import { recogniseProvider } from "../../config/recognise.ts";
import { type Destination, maskedSecret, type NewSecret, titleOf } from "../../setup/new-key.ts";
import { askOne, askText, type Choice } from "../../terminal/questions.ts";

/** A key, and what somebody said that it is good for. */
export interface PlacedKey {
  readonly secret: NewSecret;
  readonly destination: Destination;
}

type Answer = Destination | "as all that are left" | "another server";

const PROVIDERS = KNOWN_PROVIDERS.map(({ provider, url, title }) => ({
  value: { provider, url },
  label: title,
}));

const ANOTHER = {
  value: "another server",
  label: "Another server",
  hint: "Azure, Ollama, vLLM, a gateway: by its URL",
} as const;

/** Asks whose keys are, one by one until somebody says that all that are left are for the same place. */
export async function askWhose(secrets: readonly NewSecret[]): Promise<PlacedKey[]> {
  const placed: PlacedKey[] = [];
  for (const [at, secret] of secrets.entries()) {
    const before = placed.at(-1)?.destination;
    const left = secrets.length - at;
    const shown = maskedSecret(secret);
    const isPosition = secret.kind === "typed" && shown === secret.which;
    const count = secrets.length === 1 || isPosition ? "" : ` (${at + 1} of ${secrets.length})`;
    const answer = await askOne<Answer>(`Whose key is ${shown}?${count}`, [
      ...(before === undefined || left === 1 ? [] : [theSame(before, left)]),
      ...PROVIDERS,
      ANOTHER,
    ]);
    if (answer === "as all that are left" && before !== undefined)
      return [...placed, ...secrets.slice(at).map((each) => ({ secret: each, destination: before }))];
    placed.push({ secret, destination: typeof answer === "string" ? await askWhere() : answer });
  }
  return placed;
}

function theSame(before: Destination, left: number): Choice<Answer> {
  return { value: "as all that are left", label: `${titleOf(before)}, as all ${left} that are left` };
}

async function askWhere(): Promise<Destination> {
  const written = await askText("Its base URL?", {
    placeholder: "https://llm.example.com/v1",
    validate(typed) {
      const url = parseBaseUrl(typed);
      return url.ok ? undefined : `It ${url.problem}`;
    },
  });
  const url = parseBaseUrl(written);
  const sound = url.ok ? url.value : written;
  return { provider: recogniseProvider(sound), url: sound };
}
