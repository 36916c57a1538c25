import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ConfigSource, StateConfig } from "../config/config.ts";

/** Of an address of a Unix socket in bytes, its end included, on macOS and the BSDs; Linux has 108. */
const MAX_ADDRESS_BYTES = 104;

/** What the place of the socket hangs on: the same for the proxy and for the commands that look for it. */
export interface AdminPlace {
  readonly source: ConfigSource;
  readonly state: StateConfig;
}

/**
 * Where the running proxy of a configuration answers local commands: beside its state file. Where it has
 * none, or the path were too long for a socket, in a folder of the user's own among the temporary files.
 */
export function socketPath({ source, state }: AdminPlace): string {
  if (state.kind === "file") {
    const beside = `${state.path}.sock`;
    if (Buffer.byteLength(beside) < MAX_ADDRESS_BYTES) return beside;
  }
  const name = new Bun.CryptoHasher("sha256").update(subjectOf(source, state)).digest("hex").slice(0, 16);
  return join(ownFolder(), `${name}.sock`);
}

/** The folder for sockets that stand beside no state file. */
export function ownFolder(): string {
  return join(tmpdir(), `keycycle-${process.getuid?.() ?? "user"}`);
}

function subjectOf(source: ConfigSource, state: StateConfig): string {
  if (state.kind === "file") return state.path;
  return source.kind === "file" ? source.path : source.kind;
}
