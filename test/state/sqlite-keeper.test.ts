import { Database } from "bun:sqlite";
import { afterEach, describe, expect, jest, setSystemTime, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { keepState } from "../../src/state/keep-state.ts";
import type { Subject } from "../../src/state/keeper.ts";
import { OwnerBook } from "../../src/state/owner-book.ts";
import { SqliteKeeper } from "../../src/state/sqlite-keeper.ts";
import { temporaryFolder } from "../config/temporary-folder.ts";
import { Told } from "./told.ts";

const DAY = 86_400_000;
const folder = temporaryFolder();
let folders = 0;

function newPath(): string {
  const own = join(folder, String(++folders));
  mkdirSync(own);
  return join(own, "keycycle.db");
}

/** A key or client that has learned one number. */
class Learner implements Subject {
  value = 0;
  changes = 0;
  /** How often it was asked for what is to be kept. */
  recorded = 0;
  /** Stands for a disk that is full when this one is to be written. */
  unwritable = false;
  readonly learned = {};

  constructor(readonly name: string) {}

  learn(value: number): void {
    this.value = value;
    this.changes += 1;
  }

  identity(): string {
    return this.name;
  }

  revision(): number {
    return this.changes;
  }

  record(): object {
    this.recorded += 1;
    if (this.unwritable) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
    return { value: this.value };
  }

  restore(record: unknown): boolean {
    const value = Object(record).value;
    if (typeof value === "number") this.value = value;
    return typeof value === "number";
  }
}

function keeperAt(path: string, ...subjects: Learner[]) {
  const told = new Told();
  const keeper = new SqliteKeeper(path, new OwnerBook(), told);
  keeper.follow(subjects);
  return { keeper, told, [Symbol.dispose]: () => keeper.close() };
}

/** What a process that starts now finds of these. */
function keptAt(path: string, ...names: string[]): number[] {
  const learners = names.map((name) => new Learner(name));
  using _ = keeperAt(path, ...learners);
  return learners.map(({ value }) => value);
}

afterEach(() => {
  jest.useRealTimers();
  setSystemTime();
});

describe("what was learned", () => {
  test("is there again after what was saved, and after an orderly end", async () => {
    const path = newPath();
    const [a, b] = [new Learner("a"), new Learner("b")];
    const { keeper } = keeperAt(path, a, b);
    a.learn(1);
    await keeper.save();
    b.learn(2);
    keeper.close();
    expect(keptAt(path, "a", "b", "c")).toEqual([1, 2, 0]);
  });

  test("is written again only where it has changed", async () => {
    const [a, b] = [new Learner("a"), new Learner("b")];
    using it = keeperAt(newPath(), a, b);
    a.learn(1);
    await it.keeper.save();
    await it.keeper.save();
    a.learn(2);
    b.learn(2);
    await it.keeper.save();
    expect([a.recorded, b.recorded]).toEqual([2, 1]);
  });

  test("is found by what it is known by since, where that has changed", () => {
    const path = newPath();
    const a = new Learner("a");
    const { keeper } = keeperAt(path, a);
    a.learn(1);
    const renamed = Object.assign(new Learner("b"), { learned: a.learned });
    renamed.learn(1);
    keeper.follow([renamed]);
    keeper.close();
    expect(keptAt(path, "b")).toEqual([1]);
  });

  test("is not written back where it was only restored", async () => {
    const path = newPath();
    const first = new Learner("a");
    const before = keeperAt(path, first);
    first.learn(1);
    before.keeper.close();
    const second = new Learner("a");
    using it = keeperAt(path, second);
    await it.keeper.save();
    expect(second).toMatchObject({ value: 1, recorded: 0 });
  });

  test("is written in so small parts that requests go on in between", async () => {
    const learners = Array.from({ length: 10_000 }, (_, index) => new Learner(`key-${index}`));
    const path = newPath();
    const it = keeperAt(path, ...learners);
    for (const learner of learners) learner.learn(7);
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await it.keeper.save();
    done = true;
    it.keeper.close();
    expect(turns).toBeGreaterThanOrEqual(99);
    expect(keptAt(path, "key-0", "key-5000", "key-9999")).toEqual([7, 7, 7]);
  });

  test("is kept by itself, twice a second, where the configuration names a file", async () => {
    jest.useFakeTimers();
    const keeper = keepState({ kind: "file", path: newPath() }, new OwnerBook(), new Told());
    const a = new Learner("a");
    keeper.follow([a]);
    for (let step = 1; step <= 4; step += 1) {
      a.learn(step);
      jest.advanceTimersByTime(500);
      expect(a.recorded).toBe(step);
      // The save before has to be over.
      for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
    }
    keeper.close();
  });

  test("is nowhere where the configuration says memory", () => {
    const keeper = keepState({ kind: "memory" }, new OwnerBook(), new Told());
    const a = new Learner("a");
    keeper.follow([a]);
    a.learn(3);
    keeper.close();
    expect(a.recorded).toBe(0);
  });
});

describe("when the keys change", () => {
  test("those that go are written, and found again when they come back", () => {
    const [a, b] = [new Learner("a"), new Learner("b")];
    using it = keeperAt(newPath(), a);
    a.learn(5);
    it.keeper.follow([b]);
    const back = new Learner("a");
    it.keeper.follow([b, back]);
    expect(back.value).toBe(5);
  });

  test("those that stay are not restored over what they know", async () => {
    const a = new Learner("a");
    using it = keeperAt(newPath(), a);
    a.learn(1);
    await it.keeper.save();
    a.learn(2);
    it.keeper.follow([a, new Learner("b")]);
    expect(a.value).toBe(2);
  });

  test("those that are gone for a month are forgotten, however long those that are there have said nothing", async () => {
    const path = newPath();
    const names = ["gone", "there"];
    const learners = names.map((name) => new Learner(name));
    const before = keeperAt(path, ...learners);
    for (const learner of learners) learner.learn(1);
    before.keeper.close();
    setSystemTime(Date.now() + 31 * DAY);
    const later = keeperAt(path, new Learner("there"));
    await later.keeper.save();
    later.keeper.close();
    expect(keptAt(path, ...names)).toEqual([0, 1]);
  });
});

describe("two processes and one file", () => {
  test("the second says so once, serves without it, and takes it over when the first ends", async () => {
    const path = newPath();
    const [first, second, other] = [new Learner("a"), new Learner("a"), new Learner("b")];
    const before = keeperAt(path, first);
    first.learn(1);
    using it = keeperAt(path, second, other);
    other.learn(2);
    await it.keeper.save();
    await it.keeper.save();
    expect(it.told.lines).toEqual([
      `error ${path} is in use by another process. Two KeyCycles that run at once need a "state" of their own each. Until it can be used, what is learned lasts as long as this process.`,
    ]);
    before.keeper.close();
    await it.keeper.save();
    expect(second.value).toBe(1);
    expect(it.told.lines).toContain(`info What is learned is kept in ${path} from now on`);
    it.keeper.close();
    expect(keptAt(path, "a", "b")).toEqual([1, 2]);
  });
});

describe("a file that fails", () => {
  test("in its pages is set aside, and what is known goes into a new one", async () => {
    const path = newPath();
    const names = Array.from({ length: 2_000 }, (_, index) => `key-${index}`);
    const learners = names.map((name) => new Learner(name));
    const before = keeperAt(path, ...learners);
    for (const learner of learners) learner.learn(1);
    before.keeper.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 4 * 4_096, 12 * 4_096);
    writeFileSync(path, bytes);

    const after = names.map((name) => new Learner(name));
    const it = keeperAt(path, ...after);
    expect(it.told.loud).toHaveLength(1);
    expect(it.told.loud[0]).toContain(`error ${path} is damaged. It was moved to ${path}.corrupt-`);
    after[0]?.learn(2);
    const known = after.map(({ value }) => value);
    await it.keeper.save();
    it.keeper.close();
    expect(keptAt(path, ...names)).toEqual(known);
    expect(readdirSync(dirname(path))).toHaveLength(2);
  });

  test("to be written is told once, and is written in full once it can be", async () => {
    const path = newPath();
    const [a, b] = [new Learner("a"), new Learner("b")];
    using it = keeperAt(path, a, b);
    a.learn(1);
    await it.keeper.save();
    b.unwritable = true;
    b.learn(1);
    await it.keeper.save();
    await it.keeper.save();
    expect(it.told.loud).toEqual([
      `error ${path} cannot be used (ENOSPC). Mend that, or give "state" another path, or write "state: memory". Until it can be used, what is learned lasts as long as this process.`,
    ]);
    a.learn(2);
    b.unwritable = false;
    await it.keeper.save();
    expect(it.told.lines).toContain(`info What is learned is kept in ${path} from now on`);
    it.keeper.close();
    expect(keptAt(path, "a", "b")).toEqual([2, 1]);
  });

  test("and is gone when it is tried again is made anew, with all that is known", async () => {
    const path = newPath();
    const [a, b] = [new Learner("a"), new Learner("b")];
    using it = keeperAt(path, a, b);
    a.learn(1);
    await it.keeper.save();
    b.unwritable = true;
    b.learn(1);
    await it.keeper.save();
    rmSync(path);
    b.unwritable = false;
    await it.keeper.save();
    it.keeper.close();
    expect(keptAt(path, "a", "b")).toEqual([1, 1]);
  });

  test("in a record says how many, and leaves the others alone", () => {
    const path = newPath();
    const learners = ["a", "b"].map((name) => new Learner(name));
    const before = keeperAt(path, ...learners);
    for (const learner of learners) learner.learn(1);
    before.keeper.close();
    const database = new Database(path);
    database.run("UPDATE learned SET record = '{}' WHERE id = (SELECT min(id) FROM learned)");
    database.close();
    const after = ["a", "b"].map((name) => new Learner(name));
    using it = keeperAt(path, ...after);
    expect(after.map(({ value }) => value).toSorted()).toEqual([0, 1]);
    expect(it.told.loud).toEqual([
      `warn ${path} holds records that cannot be understood: what they say begins anew`,
    ]);
  });

  test("for want of its folder is made when there is one", async () => {
    const path = join(newPath(), "keycycle.db");
    writeFileSync(dirname(path), "a file in the place of the folder");
    const a = new Learner("a");
    using it = keeperAt(path, a);
    a.learn(1);
    await it.keeper.save();
    expect(it.told.loud).toHaveLength(1);
    rmSync(dirname(path));
    await it.keeper.save();
    it.keeper.close();
    expect(keptAt(path, "a")).toEqual([1]);
  });
});
