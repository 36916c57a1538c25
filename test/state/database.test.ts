import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { openDatabase } from "../../src/state/database.ts";
import { LearnedTable } from "../../src/state/learned-table.ts";
import { MIGRATIONS } from "../../src/state/migrations.ts";
import { temporaryFolder } from "../config/temporary-folder.ts";

const folder = temporaryFolder();
const NOW = Date.UTC(2025, 10, 13, 2, 13, 20);
let folders = 0;

/** The path of a state file in a new folder. */
function newPath(): string {
  const own = join(folder, String(++folders));
  mkdirSync(own);
  return join(own, "keycycle.db");
}

function open(path: string) {
  return openDatabase(path, (database) => new LearnedTable(database), NOW);
}

/** Opens a file that must be fine, and closes it at the end. */
function opened(path: string) {
  const result = open(path);
  if (result.kind === "closed") throw new Error(result.trouble.kind);
  return { ...result, [Symbol.dispose]: () => result.database.close() };
}

/** A file with a record of this text in it. */
function fileWith(text: string): string {
  const path = newPath();
  using file = opened(path);
  file.tables.write([{ id: "id", record: { text } }], NOW);
  return path;
}

const textIn = (path: string) => {
  using file = opened(path);
  return file.tables.read("id")?.record;
};

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("a file that is not there", () => {
  test("is made, for its owner alone, with all that belongs to it", () => {
    const path = newPath();
    using file = opened(path);
    file.tables.write([{ id: "id", record: {} }], NOW);
    expect(file.replaced).toBeUndefined();
    expect(readdirSync(dirname(path)).toSorted()).toEqual(["keycycle.db", "keycycle.db-wal"]);
    expect(modeOf(path)).toBe(0o600);
    expect(modeOf(`${path}-wal`)).toBe(0o600);
  });

  test("is made with its folders, which are their owner's alone", () => {
    const path = join(dirname(newPath()), "var", "keycycle", "state.db");
    using _ = opened(path);
    expect(modeOf(dirname(path))).toBe(0o700);
  });

  test("is made in the place of one without a byte", () => {
    const path = newPath();
    writeFileSync(path, "");
    using file = opened(path);
    expect(file.replaced).toBeUndefined();
  });
});

describe("a file of ours", () => {
  test("is found again as it was left", () => {
    const path = fileWith("kept");
    expect(textIn(path)).toEqual({ text: "kept" });
  });

  test("that others could read is closed to them", () => {
    const path = fileWith("kept");
    chmodSync(path, 0o644);
    using _ = opened(path);
    expect(modeOf(path)).toBe(0o600);
  });

  test("is one process's at a time", () => {
    const path = newPath();
    using _ = opened(path);
    expect(open(path)).toEqual({ kind: "closed", trouble: { kind: "locked" } });
    expect(readdirSync(dirname(path)).toSorted()).toEqual(["keycycle.db", "keycycle.db-wal"]);
  });

  test("is free again when the one that had it ends", () => {
    const path = fileWith("kept");
    const first = open(path);
    expect(open(path).kind).toBe("closed");
    if (first.kind === "open") first.database.close();
    expect(textIn(path)).toEqual({ text: "kept" });
  });

  test("keeps what was written when its process ends without closing it", () => {
    const path = newPath();
    const copy = newPath();
    using file = opened(path);
    file.tables.write([{ id: "id", record: { text: "just now" } }], NOW);
    for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, copy + suffix);
    expect(textIn(copy)).toEqual({ text: "just now" });
  });
});

describe("a file that cannot be used is set aside, and a new one begun", () => {
  const TIME = "20251113T021320.000Z";

  test.each([
    ["garbage", () => Buffer.from("this is no database ".repeat(500))],
    ["zeros", () => Buffer.alloc(8_192)],
    ["a database that was cut short", () => readFileSync(fileWith("cut")).subarray(0, 5_000)],
  ])("%s", (_name, bytes) => {
    const path = newPath();
    const before = bytes();
    writeFileSync(path, before);
    using file = opened(path);
    const movedTo = `${path}.corrupt-${TIME}`;
    expect(file.replaced).toEqual({ trouble: { kind: "damaged" }, movedTo });
    expect(readFileSync(movedTo).equals(before)).toBe(true);
    expect(file.tables.read("id")).toBeUndefined();
  });

  test("one of a newer version, which loses nothing", () => {
    const path = fileWith("from the future");
    const newer = new Database(path);
    newer.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    newer.run("ALTER TABLE learned RENAME TO learned_2");
    newer.close();
    using file = opened(path);
    const movedTo = `${path}.newer-${TIME}`;
    expect(file.replaced).toEqual({ trouble: { kind: "newer" }, movedTo });
    const aside = new Database(movedTo);
    expect(aside.query("SELECT record FROM learned_2").all()).toEqual([
      { record: '{"text":"from the future"}' },
    ]);
    aside.close();
  });

  test.each(["DROP TABLE learned", "DROP TABLE salt", "DELETE FROM salt", "UPDATE salt SET value = 'short'"])(
    "one that was changed by hand: %s",
    (change) => {
      const path = fileWith("changed");
      const database = new Database(path);
      database.run(change);
      database.close();
      using file = opened(path);
      expect(file.replaced?.trouble).toEqual({ kind: "damaged" });
    },
  );
});

describe("what is left as it is:", () => {
  test("a database of another program", () => {
    const path = newPath();
    const other = new Database(path);
    other.run("CREATE TABLE users (name TEXT)");
    other.close();
    const before = readFileSync(path);
    expect(open(path)).toEqual({ kind: "closed", trouble: { kind: "foreign" } });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a folder", () => {
    const path = newPath();
    mkdirSync(path, { mode: 0o755 });
    expect(open(path)).toEqual({ kind: "closed", trouble: { kind: "failed", code: "it is not a file" } });
    expect(modeOf(path)).toBe(0o755);
  });

  test("what is neither file nor folder", () => {
    expect(open("/dev/null")).toMatchObject({ kind: "closed" });
    expect(existsSync("/dev/null")).toBe(true);
  });

  test("a place where there can be no file", () => {
    const path = join(newPath(), "below", "a-file.db");
    writeFileSync(dirname(dirname(path)), "a file where a folder would have to be");
    expect(open(path)).toEqual({ kind: "closed", trouble: { kind: "failed", code: "ENOTDIR" } });
  });
});
