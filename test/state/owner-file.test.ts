import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { openDatabase } from "../../src/state/database.ts";
import { OwnerBook } from "../../src/state/owner-book.ts";
import { OwnerFile } from "../../src/state/owner-file.ts";
import { OwnersTable } from "../../src/state/owners-table.ts";
import { SqliteKeeper } from "../../src/state/sqlite-keeper.ts";
import { temporaryFolder } from "../config/temporary-folder.ts";
import { Told } from "./told.ts";

const DAY = 86_400_000;
const folder = temporaryFolder();
let files = 0;
const newPath = () => join(folder, `owners-${++files}.db`);

/** A book kept in a file by a keeper of its own, as one process does. */
function keptBook(path: string): { book: OwnerBook; keeper: SqliteKeeper } {
  const book = new OwnerBook();
  const keeper = new SqliteKeeper(path, book, new Told());
  keeper.follow([]);
  return { book, keeper };
}

describe("a book in the state file", () => {
  test("is there in the next process, whose owners come in another order", async () => {
    const path = newPath();
    const first = keptBook(path);
    const now = Date.now();
    first.book.remember("file-1", first.book.numberOf("anna"), now + DAY, now);
    first.book.remember("file-2", first.book.numberOf("bert"), now + DAY, now);
    await first.keeper.save();
    first.keeper.close();

    const { book, keeper } = keptBook(path);
    const [bert, anna] = [book.numberOf("bert"), book.numberOf("anna")];
    expect([book.ownerOf("file-1", now), book.ownerOf("file-2", now)]).toEqual([anna, bert]);
    keeper.close();
  });

  test("says that somebody unknown owns what a key made that is configured no more", async () => {
    const path = newPath();
    const first = keptBook(path);
    const now = Date.now();
    first.book.remember("file-1", first.book.numberOf("anna"), now + DAY, now);
    first.keeper.close();
    const { book, keeper } = keptBook(path);
    book.numberOf("bert");
    expect(book.ownerOf("file-1", now)).toBe(0);
    expect(book.ownerOf("file-1", now)).not.toBe(book.numberOf("anna"));
    // She is back.
    expect(book.ownerOf("file-1", now)).toBe(book.numberOf("anna"));
    keeper.close();
  });

  test("writes what came while there was no file, as soon as there is", async () => {
    const path = newPath();
    const other = new Database(path);
    other.run("PRAGMA locking_mode = EXCLUSIVE");
    other.run("CREATE TABLE t (x)");
    const { book, keeper } = keptBook(path);
    const now = Date.now();
    book.remember("file-1", book.numberOf("anna"), now + DAY, now);
    await keeper.save();
    expect(book.ownerOf("file-1", now)).toBe(book.numberOf("anna"));
    other.run("DROP TABLE t");
    other.close();
    await keeper.save();
    keeper.close();

    const next = keptBook(path);
    const anna = next.book.numberOf("anna");
    expect(next.book.ownerOf("file-1", now)).toBe(anna);
    next.keeper.close();
  });

  test("holds neither ids nor identities as text", async () => {
    const path = newPath();
    const { book, keeper } = keptBook(path);
    const now = Date.now();
    book.remember("file-visible", book.numberOf("key openai sk-secret"), now + DAY, now);
    keeper.close();
    const bytes = Buffer.from(await Bun.file(path).arrayBuffer());
    expect(bytes.includes("sk-secret")).toBe(false);
    expect(bytes.includes("file-visible")).toBe(false);
  });

  test("loses what has expired, and only that", () => {
    const opened = openDatabase(
      newPath(),
      (database) => ({ database, owners: new OwnersTable(database) }),
      0,
    );
    if (opened.kind !== "open") throw new Error("The file does not open.");
    const { database, owners } = opened.tables;
    const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, owner: 1, untilS: id % 2 === 0 ? 10 : 20 }));
    owners.write(rows);
    const book = new OwnerBook();
    const file = new OwnerFile(book);
    file.open(owners, (identity) => identity);
    const count = () => database.query("SELECT count(*), min(until_s) FROM owners").values()[0];
    const pruneAll = (now: number) => {
      for (let slice = 0; slice < 4; slice += 1) file.pruneSome(now);
    };
    const day = 7 * 3_600_000;
    owners.write([{ id: 1, owner: 1, untilS: day }]);
    pruneAll(9_000);
    expect(count()).toEqual([5_000, 10]);
    pruneAll(9_000 + day);
    expect(count()).toEqual([1, day]);
    database.close();
  });
});
