import { defineCommand } from "citty";

import { PROVIDER_NAMES } from "../../config/config.ts";
import { STORES } from "../../setup/store.ts";
import { type Destination, destinationOf, type NewSecret, type Told } from "../../setup/new-key.ts";
import { canAsk } from "../../terminal/questions.ts";
import { help } from "../help.ts";
import { applyEdit } from "./apply-edit.ts";
import { askForSecrets } from "./ask-for-secrets.ts";
import { askWhose } from "./ask-whose.ts";
import { editableConfig } from "./editable-config.ts";
import { parseModels, parseName, parseUrl } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import { planAddition } from "./plan-addition.ts";

export const add = defineCommand({
  meta: help({
    name: "add",
    description:
      "Put keys into the configuration, hidden as you type or paste them, or from standard input; every other byte of it stays.",
    example: "keycycle keys add --provider openai --models 'gpt-*,others'",
  }),
  args: {
    provider: {
      type: "enum",
      description: "Whose keys they are, where their shape does not tell",
      options: [...PROVIDER_NAMES],
    },
    url: { type: "string", description: "Base URL, where it is not the provider's own", valueHint: "url" },
    name: { type: "string", description: "What to call the key", valueHint: "name" },
    models: {
      type: "string",
      description: "What it serves, with commas; as the keys at the same URL do unless you say",
      valueHint: "models",
    },
    "key-env": {
      type: "string",
      description: "Take the key from this variable; several with commas",
      valueHint: "variable",
    },
    store: {
      type: "enum",
      description:
        "Keep a typed key in .env or in the configuration file; as the keys there do unless you say",
      options: [...STORES],
    },
    config: { type: "string", description: "Configuration file", valueHint: "file" },
  },
  async run({ args }) {
    const told = {
      provider: args.provider,
      url: parseUrl(args.url),
    };
    const flags = {
      told,
      name: parseName(args.name),
      models: parseModels(args.models),
      store: args.store,
    };
    const config = editableConfig(args.config);
    const secrets = await askForSecrets(args["key-env"], config.env);
    const placed = await placesOf(secrets, told);
    await inTurn(config.path, async () => {
      // As it is now: another command may have changed it while this one asked.
      const current = editableConfig(args.config);
      await applyEdit(current, planAddition(current, secrets, { ...flags, placed }));
    });
  },
});

/** Where keys are good for of which nothing tells, as far as somebody is there to say it. */
async function placesOf(secrets: readonly NewSecret[], told: Told): Promise<Map<NewSecret, Destination>> {
  const unknown = secrets.filter((secret) => destinationOf(secret, told) === undefined);
  if (unknown.length === 0 || told.provider !== undefined || !canAsk()) return new Map();
  return new Map((await askWhose(unknown)).map(({ secret, destination }) => [secret, destination]));
}
