import { isLoopbackHost } from "../../config/loopback.ts";
import type { ProviderName } from "../../config/config.ts";
import { KeyCycleError } from "../../error.ts";
import type { Told } from "../../setup/new-key.ts";
import type { Store } from "../../setup/store.ts";
import { parseHost, parsePort } from "../address-flags.ts";
import { namedBy, parseModels, parseUrl, splitList } from "../keys/flags.ts";

/** The flags of `init`, as typed. */
export interface InitArgs {
  readonly provider?: ProviderName | undefined;
  readonly url?: string | undefined;
  readonly "key-env"?: string | undefined;
  readonly import?: string | undefined;
  readonly models?: string | undefined;
  readonly client?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly store?: Store | undefined;
}

/** What the flags answer; undefined where they leave a question open. */
export interface Answers {
  readonly told: Told;
  readonly keyEnv: string | undefined;
  readonly importPath: string | undefined;
  readonly models: readonly string[] | undefined;
  readonly clients: readonly string[] | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly store: Store | undefined;
}

/** @throws KeyCycleError `usage/*` */
export function answersOf(args: InitArgs): Answers {
  const clients = args.client === undefined ? undefined : clientNames(args.client);
  const host = args.host === undefined ? undefined : parseHost(args.host);
  if (host !== undefined && !isLoopbackHost(host) && clients === undefined) {
    throw new KeyCycleError(
      "usage/host",
      `Other machines reach --host ${host}: name who may use the proxy with --client, and each gets a token.`,
    );
  }
  return {
    told: { provider: args.provider, url: parseUrl(args.url) },
    keyEnv: args["key-env"],
    importPath: args.import,
    models: parseModels(args.models),
    clients,
    host,
    port: args.port === undefined ? undefined : parsePort(args.port),
    store: args.store,
  };
}

/** @throws KeyCycleError `usage/client` */
function clientNames(written: string): string[] {
  const names = splitList(written).map((name) => namedBy("client", name));
  if (names.length === new Set(names).size && names.length > 0) return names;
  throw new KeyCycleError("usage/client", "--client takes names with commas between them, each once.");
}
