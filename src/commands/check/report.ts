import { colors } from "consola/utils";

import type { Config, KeyConfig, LimitsConfig } from "../../config/config.ts";
import { type Column, table } from "../../terminal/table.ts";
import { listed } from "./notices.ts";
import type { Route, Routing } from "./routing.ts";

/** More than these are counted, not listed, on a terminal; in a pipe something may look for one of them. */
const MAX_ROWS = 40;
const MAX_NAMES = 6;

/**
 * A configuration as it is understood, for a person: its keys, who serves each model, aliases and clients.
 * Never a secret.
 *
 * @param width  of the window, in columns; Infinity for a pipe
 */
export function reportOf(config: Config, routings: readonly Routing[], width: number): string[] {
  const { keys, aliases, clients } = config;
  return [
    ...section("Keys", ["name", "provider", "url", "tier", "limits", "models"], keys.map(keyRow), width),
    ...section(
      "Models",
      ["model", "served by, in order"],
      routings.map(({ model, routes }) => [
        model,
        routesText(routes, width === Infinity ? Infinity : MAX_NAMES),
      ]),
      width,
    ),
    ...section(
      "Aliases",
      ["name", "stands for, in order"],
      aliases.map(({ name, models }) => [name, models.join(", then ")]),
      width,
    ),
    ...section(
      "Clients",
      ["name", "may ask for", "limits"],
      clients.map(({ name, models, limits }) => [name, models.join(", "), limitsText(limits)]),
      width,
    ),
  ];
}

function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  if (rows.length === 0) return [];
  const shown = width === Infinity ? rows : rows.slice(0, MAX_ROWS);
  const titled = columns.map((name, at): Column =>
    at === 0 ? { title: name, cut: "middle" } : { title: name },
  );
  const more = rows.length > shown.length ? [colors.dim(`and ${rows.length - shown.length} more`)] : [];
  return ["", colors.bold(title), ...table(titled, shown, width), ...more];
}

function keyRow({ name, provider, url, priority, limits, models }: KeyConfig): string[] {
  const tier = priority === 0 ? "" : String(priority);
  return [name, provider, url.replace(/^https:\/\//, ""), tier, limitsText(limits), models.join(", ")];
}

/** `500 rpm, 200000 tpm`; "" where nothing is set. */
export function limitsText(limits: LimitsConfig): string {
  const units = { rpm: "rpm", tpm: "tpm", rpd: "rpd", concurrency: "at once" };
  const set = [limits.rpm, limits.tpm, limits.rpd, limits.concurrency];
  return Object.values(units)
    .flatMap((unit, at) => (set[at] === undefined ? [] : [`${set[at]} ${unit}`]))
    .join(", ");
}

function routesText(routes: readonly Route[], mostNames: number): string {
  if (routes.length === 0) return colors.yellow("nobody");
  const texts = routes.map(({ apis, tiers }) => {
    const keys = tiers.map((names) => listed(names, mostNames)).join(colors.dim(" then "));
    return routes.length === 1 ? keys : `${keys} ${colors.dim(`(${apis.join(", ")})`)}`;
  });
  return texts.join(colors.dim("; "));
}
