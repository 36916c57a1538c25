import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { setAside } from "../../src/state/set-aside.ts";
import { temporaryFolder } from "../config/temporary-folder.ts";

const folder = temporaryFolder();
const NOW = Date.UTC(2025, 10, 13, 2, 13, 20, 7);

test("a file is moved with what SQLite keeps beside it, so that no old log is taken for the next one's", () => {
  for (const suffix of ["", "-wal", "-shm"]) writeFileSync(join(folder, `keycycle.db${suffix}`), suffix);
  writeFileSync(join(folder, "keycycle.yaml"), "");
  const movedTo = setAside(join(folder, "keycycle.db"), "corrupt", NOW);
  expect(movedTo).toBe(join(folder, "keycycle.db.corrupt-20251113T021320.007Z"));
  expect(readdirSync(folder).toSorted()).toEqual([
    "keycycle.db.corrupt-20251113T021320.007Z",
    "keycycle.db.corrupt-20251113T021320.007Z-shm",
    "keycycle.db.corrupt-20251113T021320.007Z-wal",
    "keycycle.yaml",
  ]);
  expect(readFileSync(`${movedTo}-wal`, "utf8")).toBe("-wal");
});

test("a file that is not there cannot be moved", () => {
  expect(setAside(join(folder, "none.db"), "corrupt", NOW)).toBeUndefined();
});
