import type { StateConfig } from "../config/config.ts";
import type { Log } from "../observe/log.ts";
import type { StateKeeper } from "./keeper.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import type { OwnerBook } from "./owner-book.ts";
import { SqliteKeeper } from "./sqlite-keeper.ts";

/** Twice a second, so that what is lost with the process is less than the last second's. */
const SAVE_EVERY_MS = 500;

/** Keeps what is learned, and who owns what, where the configuration says. */
export function keepState(config: StateConfig, owners: OwnerBook, log: Pick<Log, "message">): StateKeeper {
  if (config.kind === "memory") return new MemoryKeeper();
  const keeper = new SqliteKeeper(config.path, owners, log);
  const timer = setInterval(() => void keeper.save(), SAVE_EVERY_MS);
  // The server keeps the process alive, this does not.
  timer.unref();
  return {
    follow: (subjects) => keeper.follow(subjects),
    onHistory: (use) => keeper.onHistory(use),
    close() {
      clearInterval(timer);
      keeper.close();
    },
  };
}
