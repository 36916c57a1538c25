import { consola } from "consola";

import { parseName } from "../../config/scalars.ts";
import { usualModels } from "../../setup/compose.ts";
import { newToken } from "../../setup/client-token.ts";
import type { Draft, DraftClient } from "../../setup/draft.ts";
import { idOf, titleOf } from "../../setup/new-key.ts";
import type { Store } from "../../setup/store.ts";
import { askMany, askOne, askText } from "../../terminal/questions.ts";
import { splitList, whyNoModels } from "../keys/flags.ts";

/** Asks what each provider's keys are to serve, where nothing said so; from its own list where there is one. */
export async function askForModels(
  draft: Draft,
  listed: ReadonlyMap<string, readonly string[]>,
): Promise<Draft> {
  const entries = [];
  for (const entry of draft.entries) {
    const { destination } = entry;
    const usual = usualModels(destination.provider, draft);
    const models =
      entry.models ?? (await modelsFor(titleOf(destination), usual, listed.get(idOf(destination)) ?? []));
    entries.push({ ...entry, models });
  }
  return { ...draft, entries };
}

async function modelsFor(
  title: string,
  usual: readonly string[],
  listed: readonly string[],
): Promise<readonly string[]> {
  const offered = listed.filter((model) => splitList(model).length === 1 && problemOf(model) === undefined);
  if (offered.length < listed.length)
    consola.info(
      `${listed.length - offered.length} of the models that ${title} lists are not offered: a configuration cannot name them.`,
    );
  const how = await askOne(`Which models are the keys of ${title} for?`, [
    {
      value: "usual",
      label: usual.length === 1 ? "Every model" : "All of its own",
      hint: "new ones too, from the day they are there",
    },
    ...(offered.length === 0
      ? []
      : [{ value: "choose", label: `Some of the ${offered.length} that it lists` } as const]),
    { value: "type", label: "I type their names" },
  ]);
  if (how === "usual") return usual;
  if (how === "choose") {
    const choices = offered.map((model) => ({ value: model, label: model }));
    return await askMany(`Models of ${title}`, choices, {
      initial: [],
      required: true,
    });
  }
  const written = await askText("Names and globs, with commas", {
    placeholder: "gpt-4o, gpt-4o-mini, o*",
    validate: (text) => (splitList(text).length === 0 ? "It takes one name at least" : whyNoModels(text)),
  });
  return [...new Set(splitList(written))];
}

/** Who may use the proxy, and from where. */
export interface Access {
  readonly clients: readonly DraftClient[];
  readonly host: string | undefined;
}

export async function askWhoMayUseIt(): Promise<Access> {
  const who = await askOne("Who may use the proxy?", [
    { value: "open", label: "This machine", hint: "any program on it, without a token" },
    { value: "local", label: "This machine, with a token" },
    { value: "others", label: "Other machines too, with a token each" },
  ]);
  if (who === "open") return { clients: [], host: undefined };
  const names = await askText("Who is to have a token? Names, with commas", {
    initial: who === "local" ? "me" : "laptop",
    validate(text) {
      const typed = splitList(text);
      if (typed.length === 0) return "It takes one name at least";
      return new Set(typed).size < typed.length ? "Each name once" : problemOf(text);
    },
  });
  return { clients: clientsNamed(splitList(names)), host: who === "others" ? "0.0.0.0" : undefined };
}

/** Clients with a new token each. */
export function clientsNamed(names: readonly string[]): DraftClient[] {
  return names.map((name) => ({ name, token: { kind: "typed", value: newToken() } }));
}

export async function askForStore(): Promise<Store> {
  return await askOne("Where are keys and tokens to be kept?", [
    {
      value: "env",
      label: "In .env, beside the configuration",
      hint: "the configuration can be shared then",
    },
    { value: "file", label: "In the configuration itself", hint: "one file for all" },
  ]);
}

function problemOf(text: string): string | undefined {
  for (const part of splitList(text)) {
    const name = parseName(part);
    if (!name.ok) return `A name ${name.problem}`;
  }
  return undefined;
}
