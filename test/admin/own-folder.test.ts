import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isOwnFolder } from "../../src/admin/own-folder.ts";

test("a folder is one's own where nobody else may enter it", () => {
  const folder = mkdtempSync(join(tmpdir(), "keycycle-own-"));
  try {
    const own = join(folder, "own");
    mkdirSync(own, { mode: 0o700 });
    expect(isOwnFolder(own)).toBe(true);
    // A link can lead anywhere tomorrow.
    symlinkSync(own, join(folder, "link"));
    expect(isOwnFolder(join(folder, "link"))).toBe(false);
    chmodSync(own, 0o750);
    expect(isOwnFolder(own)).toBe(false);
    writeFileSync(join(folder, "file"), "", { mode: 0o600 });
    expect(isOwnFolder(join(folder, "file"))).toBe(false);
    expect(isOwnFolder(join(folder, "none"))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
