import { maskedSecret, type NewSecret, type Told } from "./new-key.ts";

const NAME_IT = "name the provider with --provider, or with --url where to reach it.";

/** What to say where nothing tells whose keys are (`destinationOf`), and what to do. */
export function whoseIsUnknown(secrets: readonly NewSecret[], { provider }: Told): string {
  // Providers with one address for all are told by their name.
  if (provider !== undefined) return `--provider ${provider} needs --url too: it has no address of its own.`;
  const shown = secrets.slice(0, 3).map(maskedSecret).join(", ");
  const unset = secrets.some(({ kind, value }) => kind === "variable" && value === undefined);
  if (unset) return `${shown}: not set here, so nothing tells whose key it is. Set it, or ${NAME_IT}`;
  const more = secrets.length > 3 ? ` and ${secrets.length - 3} more` : "";
  const [keys, are] = secrets.length === 1 ? ["key", "is"] : ["keys", "are"];
  return `Nothing tells whose ${keys} ${shown}${more} ${are}: ${NAME_IT}`;
}
