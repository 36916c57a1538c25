import type { Database } from "bun:sqlite";
import { setImmediate } from "node:timers/promises";

import type { Log } from "../observe/log.ts";
import { openDatabase } from "./database.ts";
import type { StateKeeper, Subject } from "./keeper.ts";
import { HistoryTable } from "./history-table.ts";
import { LearnedTable } from "./learned-table.ts";
import type { OwnerBook } from "./owner-book.ts";
import { OwnerFile } from "./owner-file.ts";
import { OwnersTable } from "./owners-table.ts";
import { setAside } from "./set-aside.ts";
import { adviseOn, tellTrouble, type Trouble, troubleOf } from "./trouble.ts";

/** So many records take about a millisecond to write; requests go on in between. */
const RECORDS_AT_ONCE = 100;

/** How long the record of a key stays that is in no configuration any more. */
const ABANDONED_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 86_400_000;

interface Kept {
  readonly subject: Subject;
  /** In the file that is open. */
  id: string;
  /** Of what the file holds; `UNSAVED` where it is not known what it holds. */
  savedRevision: number;
  restored: boolean;
}

const UNSAVED = -1;

/**
 * Keeps state in a SQLite file. A file that cannot be used is told once, and tried again at each `save`:
 * serving never waits for it. Only what has changed is written, in batches, off the way of requests.
 */
export class SqliteKeeper implements StateKeeper {
  readonly #path: string;
  readonly #log: Pick<Log, "message">;
  readonly #owners: OwnerFile;
  #file: (Omit<ReturnType<typeof tablesOf>, "owners"> & { readonly database: Database }) | undefined;
  #kept: Kept[] = [];
  #saving = false;
  #pruneAtMs = 0;
  /** What was told last of a file that cannot be used. */
  #told = "";

  /** @param owners  is kept in the file as well */
  constructor(path: string, owners: OwnerBook, log: Pick<Log, "message">) {
    this.#path = path;
    this.#owners = new OwnerFile(owners);
    this.#log = log;
  }

  follow(subjects: readonly Subject[]): void {
    const now = Date.now();
    const before = new Map(this.#kept.map((kept) => [kept.subject.learned, kept]));
    const next = subjects.map((subject): Kept => {
      const known = before.get(subject.learned);
      if (known === undefined) return { subject, id: "", savedRevision: 0, restored: false };
      const sameRevision = known.subject.revision() === subject.revision();
      // Who is known by something else from now on is found by it after a restart.
      const id = known.subject.identity() === subject.identity() ? known.id : "";
      return { ...known, subject, id, savedRevision: sameRevision ? known.savedRevision : UNSAVED };
    });
    const staying = new Set(next.map(({ subject }) => subject.learned));
    const leaving = this.#kept.filter((kept) => hasChanged(kept) && !staying.has(kept.subject.learned));
    if (this.#file !== undefined) this.#write(leaving, now);
    this.#kept = next;
    if (this.#file === undefined) this.#open(now);
    else this.#adopt(now);
  }

  onHistory<Result>(use: (table: HistoryTable) => Result): Result | undefined {
    if (this.#file === undefined) return undefined;
    try {
      return use(this.#file.history);
    } catch (error) {
      this.#fail(error, Date.now());
      return undefined;
    }
  }

  /** Writes what has changed since the last time. */
  async save(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    try {
      await this.#saveChanged(Date.now());
    } finally {
      this.#saving = false;
    }
  }

  close(): void {
    if (this.#file === undefined) return;
    const now = Date.now();
    this.#write(this.#kept.filter(hasChanged), now);
    while (this.#saveOwners(now));
    this.#letGo();
  }

  async #saveChanged(now: number): Promise<void> {
    if (this.#file === undefined) this.#open(now);
    const changed = this.#kept.filter(hasChanged);
    for (let from = 0; from < changed.length; from += RECORDS_AT_ONCE) {
      if (from > 0) await setImmediate();
      this.#write(changed.slice(from, from + RECORDS_AT_ONCE), now);
    }
    while (this.#saveOwners(now)) await setImmediate();
    this.#prune(now);
    if (this.#file !== undefined && changed.length > 0) {
      this.#log.message("debug", "What was learned was saved", { records: changed.length });
    }
  }

  #open(now: number): void {
    const opened = openDatabase(this.#path, tablesOf, now);
    const { replaced } = opened;
    if (replaced !== undefined) this.#tellReplaced(replaced.trouble, replaced.movedTo);
    if (opened.kind === "closed") {
      this.#tell(opened.trouble);
      return;
    }
    const { database, tables } = opened;
    const { owners, ...own } = tables;
    this.#file = { database, ...own };
    this.#owners.open(owners, (identity) => own.table.idOf(identity));
    for (const kept of this.#kept) kept.id = "";
    this.#adopt(now);
  }

  /** Finds each one's place in the file, and restores those of which nothing was restored yet. */
  #adopt(now: number): void {
    let restored = 0;
    let unread = 0;
    try {
      for (const kept of this.#kept) {
        if (this.#file === undefined || kept.id !== "") continue;
        kept.id = this.#file.table.idOf(kept.subject.identity());
        if (kept.restored) {
          kept.savedRevision = UNSAVED;
          continue;
        }
        kept.restored = true;
        const saved = this.#file.table.read(kept.id);
        if (saved === undefined) continue;
        if (kept.subject.restore(saved.record, saved.savedMs, now)) restored += 1;
        else unread += 1;
      }
    } catch (error) {
      this.#fail(error, now);
    }
    if (restored > 0) this.#log.message("info", "Restored what was learned before", { records: restored });
    if (unread > 0) {
      const text = `${this.#path} holds records that cannot be understood: what they say begins anew`;
      this.#log.message("warn", text, { records: unread });
    }
  }

  #write(changed: readonly Kept[], now: number): void {
    if (this.#file === undefined || changed.length === 0) return;
    const revisions = changed.map(({ subject }) => subject.revision());
    try {
      const records = changed.map(({ id, subject }) => ({ id, record: subject.record(now) }));
      this.#file.table.write(records, now);
    } catch (error) {
      this.#fail(error, now);
      return;
    }
    for (const [index, kept] of changed.entries()) kept.savedRevision = revisions[index] ?? UNSAVED;
    if (this.#told === "") return;
    this.#told = "";
    this.#log.message("info", `What is learned is kept in ${this.#path} from now on`);
  }

  /** @returns whether there is more to save */
  #saveOwners(now: number): boolean {
    try {
      return this.#owners.saveSome();
    } catch (error) {
      this.#fail(error, now);
      return false;
    }
  }

  #prune(now: number): void {
    try {
      this.#owners.pruneSome(now);
      if (this.#file === undefined || now < this.#pruneAtMs) return;
      this.#pruneAtMs = now + PRUNE_EVERY_MS;
      const ids = new Set(this.#kept.map(({ id }) => id));
      this.#file.table.prune(now - ABANDONED_MS, (id) => ids.has(id));
    } catch (error) {
      this.#fail(error, now);
    }
  }

  /** The file has failed while it was open: it is opened again at the next `save`, or another in its place. */
  #fail(error: unknown, now: number): void {
    this.#letGo();
    const trouble = troubleOf(error);
    const movedTo = trouble.kind === "damaged" ? setAside(this.#path, "corrupt", now) : undefined;
    if (movedTo === undefined) this.#tell(trouble);
    else this.#tellReplaced(trouble, movedTo);
  }

  #letGo(): void {
    this.#owners.close();
    try {
      this.#file?.database.close();
    } catch {
      // What could not be written was told when it was tried.
    }
    this.#file = undefined;
  }

  #tell(trouble: Trouble): void {
    const text = `${tellTrouble(this.#path, trouble)} ${adviseOn(trouble)} Until it can be used, what is learned lasts as long as this process.`;
    if (text === this.#told) return;
    this.#told = text;
    this.#log.message("error", text);
  }

  #tellReplaced(trouble: Trouble, movedTo: string): void {
    const text = `${tellTrouble(this.#path, trouble)} It was moved to ${movedTo}, out of the way of a new one: what was learned before and is not in memory is not known any more.`;
    this.#log.message("error", text);
  }
}

function tablesOf(database: Database) {
  return {
    table: new LearnedTable(database),
    history: new HistoryTable(database),
    owners: new OwnersTable(database),
  };
}

function hasChanged({ subject, savedRevision }: Kept): boolean {
  return subject.revision() !== savedRevision;
}
