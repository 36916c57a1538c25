/**
 * What millions of ids cost whose owner is remembered: the size of their file, memory, and the time that
 * one takes to remember and to find. Run: bun test/bench/owners.ts [how many millions]
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { OwnerBook } from "../../src/state/owner-book.ts";
import { SqliteKeeper } from "../../src/state/sqlite-keeper.ts";

const MILLIONS = Number(process.argv[2] ?? 5);
const IDS = MILLIONS * 1_000_000;
const OWNERS = 8;
const LOOKUPS = 20_000;
const DAY_MS = 86_400_000;
/** As many come between two saves. */
const AT_ONCE = 10_000;

const folder = mkdtempSync(join(tmpdir(), "keycycle-owners-"));
const path = join(folder, "keycycle.db");
try {
  const { book, keeper } = open();
  const residentBefore = residentMb();
  const startedMs = performance.now();
  for (let first = 0; first < IDS; first += AT_ONCE) {
    const now = Date.now();
    for (let index = first; index < first + AT_ONCE; index += 1)
      book.remember(idOf(index), 1 + (index % OWNERS), now + 90 * DAY_MS, now);
    await keeper.save();
  }
  const each = ((performance.now() - startedMs) * 1_000) / IDS;
  console.log(`${MILLIONS} million ids: remembered and written in ${each.toFixed(1)} µs each`);
  console.log(`resident memory: ${residentBefore} MB before, ${residentMb()} MB after`);
  keeper.close();
  console.log(`file: ${(statSync(path).size / IDS).toFixed(1)} bytes an id`);

  const again = open();
  again.book.ownerOf("none", Date.now());
  console.log(`found on disk: ${findEach(again.book, (turn) => idOf((turn * 7_919) % IDS))}`);
  console.log(`found in memory: ${findEach(again.book, (turn) => idOf((turn * 7_919) % IDS))}`);
  console.log(`not known: ${findEach(again.book, (turn) => `file-${turn}unknown`, false)}`);
  again.keeper.close();
} finally {
  rmSync(folder, { recursive: true });
}

function open(): { book: OwnerBook; keeper: SqliteKeeper } {
  const book = new OwnerBook();
  for (let owner = 0; owner < OWNERS; owner += 1) book.numberOf(`account-${owner}`);
  const keeper = new SqliteKeeper(path, book, { message: console.error });
  keeper.follow([]);
  return { book, keeper };
}

/** As long as OpenAI's. */
function idOf(index: number): string {
  return `file-${Bun.hash(String(index)).toString(36).padStart(22, "A")}`;
}

function findEach(book: OwnerBook, id: (turn: number) => string, isKnown = true): string {
  const ids = Array.from({ length: LOOKUPS }, (_, turn) => id(turn));
  const now = Date.now();
  const took: number[] = [];
  let wrong = 0;
  for (const each of ids) {
    const startedMs = performance.now();
    if ((book.ownerOf(each, now) !== undefined) !== isKnown) wrong += 1;
    took.push((performance.now() - startedMs) * 1_000);
  }
  const sorted = took.toSorted((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [sorted[LOOKUPS / 2], sorted[Math.floor(LOOKUPS * 0.99)]];
  return `${p50.toFixed(1)} µs (p99 ${p99.toFixed(1)}), ${wrong} of ${LOOKUPS} wrong`;
}

function residentMb(): number {
  return Math.round(process.memoryUsage.rss() / 1_000_000);
}
