import { parseHostName } from "../config/base-url.ts";
import { showTyped } from "../config/secrecy.ts";
import { KeyCycleError } from "../error.ts";

/** @throws KeyCycleError `usage/host` */
export function parseHost(text: string): string {
  const host = parseHostName(text);
  if (host.ok) return host.value;
  throw new KeyCycleError("usage/host", `--host ${host.problem}, not "${showTyped(text)}".`);
}

/** @throws KeyCycleError `usage/port` */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new KeyCycleError(
    "usage/port",
    `--port takes a whole number from 0 to 65535, not "${showTyped(text)}".`,
  );
}
