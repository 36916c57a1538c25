import { CREATE_HISTORY } from "./history-table.ts";
import { CREATE_LEARNED } from "./learned-table.ts";
import { CREATE_OWNERS } from "./owners-table.ts";

/**
 * The way from an empty database to the present one, step by step. A file tells in its `user_version` how
 * many of the steps it has seen, so a step that was released is never changed: another is added.
 */
export const MIGRATIONS: readonly string[] = [CREATE_LEARNED, CREATE_HISTORY, CREATE_OWNERS];
