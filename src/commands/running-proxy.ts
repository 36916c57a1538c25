import { findPlace } from "../admin/find-place.ts";
import type { AdminPlace } from "../admin/socket-path.ts";

/** The flags by which a command finds the proxy that it asks. */
export const PROXY_ARGS = {
  config: { type: "string", description: "Configuration file of the proxy", valueHint: "file" },
  demo: { type: "boolean", description: "The proxy that serve --demo started" },
} as const;

/** @throws KeyCycleError `config/unreadable` */
export function placeOf(args: { readonly config?: string; readonly demo?: boolean }): AdminPlace {
  const { config: explicitPath } = args;
  return findPlace({ explicitPath, env: process.env, cwd: process.cwd() }, args.demo === true);
}
