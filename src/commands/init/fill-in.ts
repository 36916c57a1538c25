import { consola } from "consola";

import type { Env } from "../../config/interpolate.ts";
import { KeyCycleError } from "../../error.ts";
import { problemsOf } from "../../setup/draft-config.ts";
import type { Draft } from "../../setup/draft.ts";
import type { Store } from "../../setup/store.ts";
import { askForKeys } from "./ask-for-keys.ts";
import { askForModels, askForStore, askWhoMayUseIt, clientsNamed, type Access } from "./ask-the-rest.ts";
import type { Answers } from "./flags.ts";
import { keysByFlags, noConfig } from "./gather-keys.ts";
import { tryKeys } from "./try-keys.ts";

/** All that a configuration is written from. */
export interface FilledIn {
  readonly draft: Draft;
  readonly store: Store;
}

export interface Circumstances {
  readonly env: Env;
  /** Of the configuration, absolute. */
  readonly path: string;
  /** Whether somebody can be asked. */
  readonly asks: boolean;
  readonly offline: boolean;
}

/**
 * Answers every question of a configuration: by the flags, by asking where somebody is there, else by what
 * is usual.
 *
 * @returns undefined where somebody wants a file to fill in
 */
export async function fillIn(
  answers: Answers,
  { env, path, asks, offline }: Circumstances,
): Promise<FilledIn | undefined> {
  const flagsName = answers.keyEnv !== undefined || answers.importPath !== undefined;
  const gathered =
    asks && !flagsName ? await askForKeys(env, answers.told, path) : await keysByFlags(answers, env);
  if (gathered === undefined) return undefined;
  const told = answers.models === undefined ? gathered : servingAll(gathered, answers.models);
  const tried = offline
    ? { draft: told, models: new Map<string, string[]>() }
    : await tryKeys(told, env, asks);
  if (tried.draft.entries.length === 0)
    throw new KeyCycleError(
      "init/no-keys",
      "No key is left, so nothing was written. keycycle init begins anew.",
    );
  const withModels = asks ? await askForModels(tried.draft, tried.models) : tried.draft;
  const access = await accessOf(answers, asks && gathered.clients.length === 0);
  const draft: Draft = {
    ...withModels,
    clients: [...withModels.clients, ...access.clients],
    host: access.host,
    port: answers.port,
  };
  const problems = problemsOf(draft, env);
  if (problems.length > 0) throw new KeyCycleError("init/invalid", noConfig("It all together", problems));
  const secrets = [
    ...draft.entries.flatMap((entry) => entry.secrets),
    ...draft.clients.map(({ token }) => token),
  ];
  const isTyped = secrets.some(({ kind }) => kind === "typed");
  const store = answers.store ?? (asks && isTyped ? await askForStore() : "env");
  return { draft, store };
}

async function accessOf({ clients, host }: Answers, asks: boolean): Promise<Access> {
  if (clients !== undefined) return { clients: clientsNamed(clients), host };
  if (!asks || host !== undefined) return { clients: [], host };
  const access = await askWhoMayUseIt();
  if (access.host !== undefined)
    consola.info("It will listen on all addresses of this machine (server.host: 0.0.0.0).");
  return access;
}

function servingAll(draft: Draft, models: readonly string[]): Draft {
  return { ...draft, entries: draft.entries.map((entry) => ({ ...entry, models })) };
}
