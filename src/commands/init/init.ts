import { defineCommand } from "citty";
import { consola } from "consola";

import example from "../../../keycycle.yaml.example" with { type: "text" };
import { PROVIDER_NAMES } from "../../config/config.ts";
import { envOf } from "../../config/dot-env.ts";
import { readTextFile } from "../../config/files.ts";
import { STORES } from "../../setup/store.ts";
import { planFiles, type PlannedFiles } from "../../setup/plan-files.ts";
import { secretValue } from "../../setup/new-key.ts";
import { cancelOnInterrupt } from "../../terminal/interrupt.ts";
import { canAsk, whyNotAsked } from "../../terminal/questions.ts";
import { help } from "../help.ts";
import { fillIn } from "./fill-in.ts";
import { answersOf } from "./flags.ts";
import { outputPlace } from "./output-place.ts";
import { agreeOn, nextCommand, writeFiles } from "./write-files.ts";

export const init = defineCommand({
  meta: help({
    name: "init",
    description:
      "Find your keys, ask their providers about them for free, and write a commented configuration. Asks for what no flag says; without a terminal, or with --yes, nothing is asked.",
    example: "keycycle init --yes --key-env OPENAI_API_KEY,GROQ_API_KEY --client laptop",
  }),
  args: {
    output: { type: "string", description: "Where to write it", default: "keycycle.yaml", valueHint: "file" },
    yes: {
      type: "boolean",
      description: "Ask nothing: take the keys in the environment and .env, and the defaults",
    },
    "key-env": {
      type: "string",
      description: "Take keys from these variables, with commas",
      valueHint: "variable",
    },
    import: {
      type: "string",
      description:
        "Take keys from a file: config.json, LiteLLM's YAML, or one key a line; - for standard input",
      valueHint: "file",
    },
    provider: {
      type: "enum",
      description: "Whose keys they are, where their shape does not tell",
      options: [...PROVIDER_NAMES],
    },
    url: { type: "string", description: "Base URL, where it is not the provider's own", valueHint: "url" },
    models: { type: "string", description: "What the keys serve, with commas", valueHint: "models" },
    client: {
      type: "string",
      description: "Who may use the proxy, with commas: each gets a token",
      valueHint: "names",
    },
    host: {
      type: "string",
      description: "Address to listen on; 0.0.0.0 for other machines too",
      valueHint: "address",
    },
    port: { type: "string", description: "Port to listen on", valueHint: "port" },
    store: {
      type: "enum",
      description: "Keep keys and tokens in .env or in the configuration file (.env unless you say)",
      options: [...STORES],
    },
    offline: { type: "boolean", description: "Do not ask the providers about the keys" },
    replace: { type: "boolean", description: "Replace a configuration that is there, without asking" },
    example: { type: "boolean", description: "Write every setting with its default instead, to fill in" },
  },
  async run({ args }) {
    const path = outputPlace(args.output);
    const { env } = envOf(path, process.env);
    const asks = args.yes !== true && canAsk();
    const unasked = args.yes === true ? undefined : whyNotAsked();
    if (unasked !== undefined) consola.info(unasked);
    using interruptible = cancelOnInterrupt(asks && args.import !== "-");
    const how = { asks, replace: args.replace === true };
    const answers = answersOf(args);
    const filled =
      args.example === true
        ? undefined
        : await fillIn(answers, { env, path, asks, offline: args.offline === true });
    const plan = filled === undefined ? exampleFile(path) : planFiles(filled.draft, filled.store, path, env);
    await agreeOn(plan, path, how);
    interruptible[Symbol.dispose]();
    writeFiles(plan, path);
    if (filled === undefined) {
      consola.info("Put your keys into it, or into .env beside it.");
      consola.log(`Then: ${nextCommand("check", path)}`);
      return;
    }
    const { draft, store } = filled;
    const unset = draft.entries
      .flatMap(({ secrets }) => secrets)
      .flatMap((secret) =>
        secret.kind === "variable" && secretValue(secret, env) === undefined ? [secret.name] : [],
      );
    if (unset.length > 0)
      consola.warn(`${unset.join(", ")}: not set here. Put it into .env before you start the proxy.`);
    if (draft.clients.length > 0)
      consola.info(
        `Each client gives its token, which stands in ${store === "env" ? ".env" : "the file"}, as its API key.`,
      );
    consola.log(`${unset.length > 0 ? "Then" : "Next"}: ${nextCommand("serve", path)}`);
  },
});

function exampleFile(path: string): PlannedFiles {
  const there = readTextFile(path);
  const before = there.ok ? there.text : undefined;
  return { files: [{ path, text: example, mode: "private" }], text: example, before };
}
