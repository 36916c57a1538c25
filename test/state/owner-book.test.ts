import { describe, expect, test } from "bun:test";
import { array, assert, constant, constantFrom, integer, oneof, property, record } from "fast-check";

import { hashOfId } from "../../src/state/hash-of-id.ts";
import { OwnerBook, type OwnerEntry } from "../../src/state/owner-book.ts";

const DAY = 86_400_000;

/** A book on a shelf that holds what was written to it. */
function shelvedBook(): { book: OwnerBook; shelf: Map<number, OwnerEntry>; write: () => number } {
  const shelf = new Map<number, OwnerEntry>();
  const book = new OwnerBook();
  book.keepOn({ find: (hash) => shelf.get(hash) });
  return {
    book,
    shelf,
    write() {
      const entries = book.unwritten(1_000);
      for (const entry of entries) shelf.set(entry.hash, entry);
      book.noteWritten(entries);
      return entries.length;
    },
  };
}

describe("a book", () => {
  test("says who owns what, until that expires", () => {
    const book = new OwnerBook();
    const [anna, bert] = [book.numberOf("anna"), book.numberOf("bert")];
    book.remember("file-1", anna, 2 * DAY, DAY);
    book.remember("file-2", bert, 3 * DAY, DAY);
    expect([book.ownerOf("file-1", DAY), book.ownerOf("file-2", DAY)]).toEqual([anna, bert]);
    expect([book.ownerOf("file-1", 2 * DAY), book.ownerOf("file-2", 2 * DAY)]).toEqual([undefined, bert]);
    expect(book.ownerOf("file-3", DAY)).toBeUndefined();
  });

  test("numbers an owner once, whenever it is met", () => {
    const book = new OwnerBook();
    const number = book.numberOf("anna");
    book.numberOf("bert");
    expect(book.numberOf("anna")).toBe(number);
  });

  test("knows what is not written yet from memory, and what is written from the shelf", () => {
    const { book, shelf, write } = shelvedBook();
    const anna = book.numberOf("anna");
    book.remember("file-1", anna, DAY, 0);
    expect(shelf.size).toBe(0);
    expect(book.ownerOf("file-1", 0)).toBe(anna);
    write();
    const later = new OwnerBook();
    later.keepOn({ find: (hash) => shelf.get(hash) });
    expect(later.ownerOf("file-1", 0)).toBe(anna);
  });

  test("forgets for good what it is told to forget, on the shelf too", () => {
    const { book, shelf, write } = shelvedBook();
    book.remember("file-1", book.numberOf("anna"), DAY, 0);
    write();
    book.forget("file-1");
    expect(book.ownerOf("file-1", 0)).toBeUndefined();
    write();
    expect(shelf.get(hashOfId("file-1"))?.untilS).toBe(0);
  });

  test("writes a use again only when a good part of the time has passed", () => {
    const { book, write } = shelvedBook();
    const anna = book.numberOf("anna");
    const use = (now: number) => {
      book.remember("file-1", anna, now + 80 * DAY, now);
      return write();
    };
    expect([use(0), use(DAY), use(9 * DAY), use(11 * DAY)]).toEqual([1, 0, 0, 1]);
  });

  test("writes another owner at once", () => {
    const { book, write } = shelvedBook();
    book.remember("files/mine", book.numberOf("anna"), DAY, 0);
    write();
    book.remember("files/mine", book.numberOf("bert"), DAY, 0);
    expect(write()).toBe(1);
    expect(book.ownerOf("files/mine", 0)).toBe(book.numberOf("bert"));
  });

  test("does not take for written what has changed while it was", () => {
    const { book } = shelvedBook();
    book.remember("file-1", book.numberOf("anna"), DAY, 0);
    const entries = book.unwritten(10);
    book.remember("file-1", book.numberOf("bert"), DAY, 0);
    book.noteWritten(entries);
    expect(book.unwritten(10)).toHaveLength(1);
  });

  test("looks again for what belonged to nobody, since a configuration may bring the owner back", () => {
    const shelf = new Map([[hashOfId("file-1"), { hash: hashOfId("file-1"), owner: 0, untilS: 1_000 }]]);
    const book = new OwnerBook();
    book.keepOn({ find: (hash) => shelf.get(hash) });
    expect(book.ownerOf("file-1", 0)).toBe(0);
    const anna = book.numberOf("anna");
    shelf.set(hashOfId("file-1"), { hash: hashOfId("file-1"), owner: anna, untilS: 1_000 });
    expect(book.ownerOf("file-1", 0)).toBe(anna);
  });

  test("without a shelf holds the last million, and no more", () => {
    const book = new OwnerBook();
    const anna = book.numberOf("anna");
    for (let id = 0; id < 1_600_000; id += 1) book.remember(`file-${id}`, anna, DAY, 0);
    expect(book.ownerOf("file-1599999", 0)).toBe(anna);
    expect(book.ownerOf("file-1100001", 0)).toBe(anna);
    expect(book.ownerOf("file-1", 0)).toBeUndefined();
  });

  test("agrees with a plain map, whatever is remembered, forgotten and written in between", () => {
    const id = integer({ min: 0, max: 20 }).map((number) => `file-${number}`);
    const step = oneof(
      record({ kind: constant("remember" as const), id, owner: constantFrom("anna", "bert") }),
      record({ kind: constant("forget" as const), id }),
      record({ kind: constant("write" as const) }),
    );
    assert(
      property(array(step, { maxLength: 100 }), (steps) => {
        const { book, shelf, write } = shelvedBook();
        const model = new Map<string, string>();
        for (const one of steps) {
          if (one.kind === "write") write();
          else if (one.kind === "forget") {
            book.forget(one.id);
            model.delete(one.id);
          } else {
            book.remember(one.id, book.numberOf(one.owner), DAY, 0);
            model.set(one.id, one.owner);
          }
        }
        write();
        const after = new OwnerBook();
        after.keepOn({ find: (hash) => shelf.get(hash) });
        for (let number = 0; number <= 20; number += 1) {
          const owner = model.get(`file-${number}`);
          const expected = owner === undefined ? undefined : book.numberOf(owner);
          expect(book.ownerOf(`file-${number}`, 0)).toBe(expected);
          expect(after.ownerOf(`file-${number}`, 0)).toBe(expected);
        }
      }),
    );
  });
});
