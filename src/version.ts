import { commit, packageVersion } from "./build-info.ts" with { type: "macro" };

/** `0.1.0` */
export const VERSION = packageVersion();

/** Of the source that this was built from, twelve digits. */
export const COMMIT = commit();

/** What `--version` says. */
export const VERSION_LINE = `${VERSION} (commit ${COMMIT}, Bun ${Bun.version})`;
