import { colors } from "consola/utils";

import type { Config, KeyConfig } from "../config/config.ts";
import { VERSION } from "../version.ts";

/** More keys than this are counted, not listed. */
const MAX_LISTED_KEYS = 20;

/** What is being served, and to whom: never a secret. */
export function banner(config: Config, url: string): string {
  const clients =
    config.clients.length === 0
      ? "anyone on this machine"
      : config.clients.map(({ name }) => name).join(", ");
  const listed = config.keys.slice(0, MAX_LISTED_KEYS);
  const nameWidth = Math.max(...listed.map((key) => Bun.stringWidth(key.name)));
  const hostWidth = Math.max(...listed.map((key) => hostOf(key).length));
  return [
    `${colors.bold("KeyCycle")} ${VERSION}  ${colors.cyan(url)}`,
    `  config   ${sourceOf(config)}`,
    `  clients  ${config.server.allowAnonymous && config.clients.length === 0 ? "anyone who reaches this address" : clients}`,
    `  state    ${config.state.kind === "file" ? config.state.path : "memory"}`,
    `  keys     ${config.keys.length}`,
    ...listed.map((key) => {
      const name = key.name + " ".repeat(nameWidth - Bun.stringWidth(key.name));
      return `    ${colors.bold(name)}  ${hostOf(key).padEnd(hostWidth)}  ${colors.dim(key.models.join(", "))}`;
    }),
    ...(config.keys.length > listed.length
      ? [colors.dim(`    and ${config.keys.length - listed.length} more`)]
      : []),
  ].join("\n");
}

function hostOf(key: KeyConfig): string {
  return key.url.replace(/^https?:\/\//, "");
}

function sourceOf({ source }: Config): string {
  switch (source.kind) {
    case "file":
      return source.path;
    case "environment":
      return `environment (${source.variables.join(", ")})`;
    case "demo":
      return "--demo";
  }
}
