import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

import { codeOf } from "../error.ts";
import type { Log } from "../observe/log.ts";
import type { AdminHandler } from "./app.ts";
import { isOwnFolder } from "./own-folder.ts";
import { type AdminPlace, ownFolder, socketPath } from "./socket-path.ts";
import { isAnswered, tellWhoAnswers } from "./who-answers.ts";

/** How often a proxy looks whether the one that has its socket is gone. */
const LOOK_EVERY_MS = 500;

/** No bits for others, whatever the umask; sockets need no bit to execute. */
const OWNER_ONLY = 0o177;

/**
 * Answers local commands on a Unix socket that only its owner may open, which is why they need no token. A
 * socket that a dead process left is replaced, and one that a living process has is opened when that ends.
 * Where it cannot be opened the proxy serves without it, and says so.
 *
 * @returns closes it
 */
export async function openSocket(
  place: AdminPlace,
  handle: AdminHandler,
  log: Pick<Log, "message">,
): Promise<() => void> {
  const socket = new AdminSocket(socketPath(place), handle, log);
  await socket.open(place);
  return () => socket.close();
}

class AdminSocket {
  readonly #path: string;
  readonly #handle: AdminHandler;
  readonly #log: Pick<Log, "message">;
  #close = () => {};
  #closed = false;

  constructor(path: string, handle: AdminHandler, log: Pick<Log, "message">) {
    this.#path = path;
    this.#handle = handle;
    this.#log = log;
  }

  async open(place: AdminPlace): Promise<void> {
    try {
      if (dirname(this.#path) === ownFolder()) makeOwn(dirname(this.#path));
      if (await isAnswered(this.#path)) {
        this.#log.message("warn", await tellWhoAnswers(this.#path, place));
        this.#lookLater();
      } else this.#listen();
    } catch (error) {
      this.#tellFailure(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#close();
  }

  #lookLater(): void {
    const timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS).unref();
    this.#close = () => clearTimeout(timer);
  }

  async #look(): Promise<void> {
    try {
      const isTaken = await isAnswered(this.#path);
      if (this.#closed) return;
      if (isTaken) {
        this.#lookLater();
        return;
      }
      this.#listen();
      this.#log.message("info", `keycycle status and keys reach this proxy from now on, at ${this.#path}`);
    } catch (error) {
      this.#tellFailure(error);
    }
  }

  #listen(): void {
    const umask = process.umask(OWNER_ONLY);
    try {
      const server = Bun.serve({ unix: this.#path, development: false, fetch: this.#handle });
      this.#close = () => void server.stop(true);
    } finally {
      process.umask(umask);
    }
  }

  #tellFailure(error: unknown): void {
    const why = `No socket could be opened at ${this.#path} (${codeOf(error)})`;
    this.#log.message("warn", `${why}: keycycle status and keys cannot reach this proxy`);
  }
}

function makeOwn(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOwnFolder(folder)) throw Object.assign(new Error(), { code: `${folder} is open to others` });
}
