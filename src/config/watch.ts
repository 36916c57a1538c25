import { existsSync, readFileSync, realpathSync, statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

export interface WatchOptions {
  /** Quiet time after the last sign of a change; editors write in several steps. */
  readonly debounceMs?: number;
  /** How often to look without a sign: network file systems and some containers give none. */
  readonly pollMs?: number;
  /** Called once each time that a file goes; it may be back later. */
  readonly onGone?: (file: string) => void;
}

export interface ConfigWatcher {
  /** Watches other files from now on, as a new config may name other keys files. */
  follow(files: readonly string[]): void;
  /** Looks at once, whatever the quiet time. */
  check(): void;
  close(): void;
}

/**
 * Calls back when the content of any of the files has changed. Directories are watched rather than
 * files, since editors put a new file in the old one's place, and both the directory of the path and
 * that of the file it leads to, since Kubernetes swaps a symbolic link on the way. While a file is
 * missing nothing has changed: it is about to come back, or the old config stays in force.
 *
 * Does not keep the process alive.
 */
export function watchConfig(
  files: readonly string[],
  onChange: () => void,
  options: WatchOptions = {},
): ConfigWatcher {
  const { debounceMs = 100, pollMs = 2_000, onGone } = options;
  const watchers = new Map<string, FSWatcher>();
  let watched = files;
  let content = fingerprint(watched, contentOf);
  let metadata = fingerprint(watched, metadataOf);
  let timer: Timer | undefined;
  let gone: string | undefined;

  function check(): void {
    timer = undefined;
    watchDirectories();
    const now = fingerprint(watched, contentOf);
    const before = gone;
    gone = watched.find((file) => !existsSync(file));
    if (gone !== undefined && gone !== before) onGone?.(gone);
    if (now === undefined || now === content) return;
    content = now;
    onChange();
  }

  /** A watched file, a file on the way to one, or a link that Kubernetes swaps (`..data`). */
  function concerns(name: string): boolean {
    return name.startsWith("..") || watched.flatMap(namesOf).includes(name);
  }

  function checkSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(check, debounceMs);
    timer.unref();
  }

  function watchDirectories(): void {
    const wanted = new Set(watched.flatMap(directoriesOf));
    for (const [directory, watcher] of watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      watchers.delete(directory);
    }
    for (const directory of wanted) {
      if (!watchers.has(directory)) watchDirectory(directory);
    }
  }

  function watchDirectory(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        // Other files of the directory, such as a busy log, are nothing to wake for.
        if (name === null || concerns(name)) checkSoon();
      });
      watchers.set(directory, watcher);
      watcher.on("error", () => {
        watcher.close();
        watchers.delete(directory);
      });
    } catch {
      // No such directory for now, or no watches left: the poll still sees the change.
    }
  }

  const poll = setInterval(() => {
    const now = fingerprint(watched, metadataOf);
    if (now === metadata) return;
    metadata = now;
    checkSoon();
  }, pollMs);
  poll.unref();
  watchDirectories();

  return {
    check() {
      clearTimeout(timer);
      check();
    },
    follow(next) {
      watched = next;
      content = fingerprint(watched, contentOf);
      metadata = fingerprint(watched, metadataOf);
      watchDirectories();
    },
    close() {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** @returns undefined where a file is missing */
function fingerprint(files: readonly string[], of: (file: string) => string): string | undefined {
  try {
    return files.map(of).join(" ");
  } catch {
    return undefined;
  }
}

function contentOf(file: string): string {
  return Bun.SHA256.hash(readFileSync(file), "hex");
}

function metadataOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file);
  return `${ino}/${size}/${mtimeMs}`;
}

/** What the file is called where it is written and where its links lead. */
function namesOf(file: string): string[] {
  try {
    return [basename(file), basename(realpathSync(file))];
  } catch {
    return [basename(file)];
  }
}

/** Of the path as it is written and of every step that its symbolic links make towards the file. */
function directoriesOf(file: string): string[] {
  try {
    return [dirname(file), dirname(realpathSync(file))];
  } catch {
    return [dirname(file)];
  }
}
