import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { openDatabase } from "../../src/state/database.ts";
import { LearnedTable } from "../../src/state/learned-table.ts";
import { temporaryFolder } from "../config/temporary-folder.ts";
import { leakIn, marked } from "../e2e/marked.ts";

const NOW = 1_763_000_000_000;
const folder = temporaryFolder();
let files = 0;

function newTable() {
  const path = join(folder, `${++files}.db`);
  const result = openDatabase(path, (database) => new LearnedTable(database), NOW);
  if (result.kind === "closed") throw new Error(result.trouble.kind);
  const { database, tables: table } = result;
  return { path, table, database, [Symbol.dispose]: () => database.close() };
}

describe("an id", () => {
  test("is the same for the same key, and another for every other", () => {
    using it = newTable();
    const ids = ["key openai sk-1", "key openai sk-2", "client sk-1"].map((text) => it.table.idOf(text));
    expect(ids).toEqual(
      ["key openai sk-1", "key openai sk-2", "client sk-1"].map((text) => it.table.idOf(text)),
    );
    expect(new Set(ids).size).toBe(3);
  });

  test("is another in every file, so that two files cannot be compared", () => {
    using one = newTable();
    using two = newTable();
    expect(one.table.idOf("key")).not.toBe(two.table.idOf("key"));
  });

  test("is all that is stored of a key", () => {
    using it = newTable();
    it.table.write([{ id: it.table.idOf(marked("whole")), record: { models: [] } }], NOW);
    for (const name of readdirSync(folder)) {
      expect(leakIn(readFileSync(join(folder, name), "latin1"))).toBeUndefined();
    }
  });
});

describe("records", () => {
  test("are written all or not at all", () => {
    using it = newTable();
    const circular: { self?: object } = {};
    circular.self = circular;
    const write = () =>
      it.table.write(
        [
          { id: "a", record: { n: 1 } },
          { id: "b", record: circular },
        ],
        NOW,
      );
    expect(write).toThrow();
    expect(it.table.read("a")).toBeUndefined();
  });

  test("are the last that was written, with its time", () => {
    using it = newTable();
    it.table.write([{ id: "a", record: { n: 1 } }], NOW);
    it.table.write([{ id: "a", record: { n: 2 } }], NOW + 5);
    expect(it.table.read("a")).toEqual({ savedMs: NOW + 5, record: { n: 2 } });
  });

  test.each(["'{'", "x'00'", "7"])("that are no JSON text (%s) are none", (value) => {
    using it = newTable();
    it.database.run(`INSERT INTO learned VALUES ('a', 1, ${value})`);
    expect(it.table.read("a")?.record ?? "none").not.toBeObject();
  });

  test("of keys that are gone are removed after a while, of those that are there never", () => {
    using it = newTable();
    const old = ["gone", "there"].map((id) => ({ id, record: {} }));
    it.table.write(old, NOW);
    it.table.write([{ id: "gone-lately", record: {} }], NOW + 10);
    it.table.prune(NOW + 10, (id) => id === "there");
    const left = ["gone", "there", "gone-lately"].filter((id) => it.table.read(id) !== undefined);
    expect(left).toEqual(["there", "gone-lately"]);
  });
});
