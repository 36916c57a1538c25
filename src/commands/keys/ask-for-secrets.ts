import type { Env } from "../../config/interpolate.ts";
import { KeyCycleError } from "../../error.ts";
import { parseSecret } from "../../config/scalars.ts";
import { partsOf } from "../../setup/found-keys.ts";
import { readKeyTexts } from "../../setup/key-texts.ts";
import { type NewSecret, typedSecrets } from "../../setup/new-key.ts";
import { showTyped } from "../../config/secrecy.ts";
import { askHidden, canAsk } from "../../terminal/questions.ts";
import { splitList } from "./flags.ts";

const VARIABLE = /^[A-Za-z_]\w*$/;

/**
 * The keys to add: from the variables that are named, else hidden from the terminal, else from standard
 * input.
 *
 * @throws KeyCycleError `usage/*` where there are none, or one cannot be a key
 */
export async function askForSecrets(variables: string | undefined, env: Env): Promise<NewSecret[]> {
  if (variables !== undefined) return fromVariables(variables, env);
  if (canAsk())
    return typed(await askHidden({ message: "Keys (hidden; several at once)", describe, validate }));
  if (process.stdin.isTTY) {
    throw new KeyCycleError(
      "usage/keys",
      "This terminal cannot hide what is typed. Pipe the keys in (keycycle keys add < keys.txt), or name variables with --key-env.",
    );
  }
  const text = await Bun.stdin.text();
  const problem = validate(text);
  if (problem !== undefined) throw new KeyCycleError("usage/keys", `Standard input: ${problem}.`);
  return typed(text);
}

/** @throws KeyCycleError `usage/key-env` where a name is none, or what it is set to no key; that it is not set here is no error */
export function fromVariables(written: string, env: Env): NewSecret[] {
  return splitList(written).map((name) => {
    if (!VARIABLE.test(name))
      throw new KeyCycleError(
        "usage/key-env",
        `--key-env takes the name of a variable, not "${showTyped(name)}".`,
      );
    // Blank stands for nothing, as an empty line of a .env does.
    const value = (env[name] ?? "").trim() === "" ? undefined : env[name];
    for (const part of partsOf(value ?? "")) {
      const parsed = parseSecret(part);
      if (!parsed.ok) throw new KeyCycleError("usage/key-env", `What ${name} is set to ${parsed.problem}.`);
    }
    return { kind: "variable", name, value };
  });
}

function typed(text: string): NewSecret[] {
  return typedSecrets(readKeyTexts(text).secrets);
}

/** Shown instead of the keys while they are typed. */
export function describe(text: string): string {
  const { secrets } = readKeyTexts(text);
  return secrets.length === 1 ? `1 key, ${secrets[0]?.value.length} characters` : `${secrets.length} keys`;
}

/** What is wrong with a text of keys; undefined where nothing is. */
export function validate(text: string): string | undefined {
  const { secrets, problems } = readKeyTexts(text);
  if (problems[0] !== undefined) return problems[0];
  return secrets.length === 0 ? "there is no key in it" : undefined;
}
