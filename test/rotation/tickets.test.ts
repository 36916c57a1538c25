import { describe, expect, test } from "bun:test";

import { type Ticket, Tickets } from "../../src/rotation/tickets.ts";
import { NOW } from "./rotation-key.ts";

function ticketFor(mark: string, fields: Partial<Ticket> = {}): Ticket {
  return { mark, sinceMs: NOW, tokens: 1, issuedMs: NOW, dueMs: NOW + 10_000, ...fields };
}

function issued(...tickets: readonly Ticket[]): Tickets {
  const all = new Tickets();
  for (const ticket of tickets) all.issue("a", ticket);
  return all;
}

describe("a request that is back", () => {
  test("has the place of when it first came, once", () => {
    const tickets = issued(ticketFor("one", { sinceMs: NOW - 500 }));
    expect(tickets.redeem("a", "one", NOW + 10_000)).toBe(NOW - 500);
    expect(tickets.redeem("a", "one", NOW + 10_000)).toBeUndefined();
    expect(tickets.size).toBe(0);
  });

  test.each([
    ["as another request", "a", "two", 10_000],
    ["as another client", "b", "one", 10_000],
    ["long before its time", "a", "one", 5_000],
    ["long after its time", "a", "one", 20_000],
  ])("%s is a new one", (_, client, mark, afterMs) => {
    const tickets = issued(ticketFor("one"));
    expect(tickets.redeem(client, mark, NOW + afterMs)).toBeUndefined();
  });

  test.each([-200, 0, 1_000, 4_900])("%d ms from its time is known", (offMs) => {
    expect(issued(ticketFor("one")).redeem("a", "one", NOW + 10_000 + offMs)).toBe(NOW);
  });
});

describe("several equal requests", () => {
  test("that were turned away together have a ticket each", () => {
    const tickets = issued(ticketFor("one"), ticketFor("one", { issuedMs: NOW + 10, dueMs: NOW + 12_000 }));
    expect(tickets.size).toBe(2);
    expect(tickets.redeem("a", "one", NOW + 10_000)).toBe(NOW);
    expect(tickets.redeem("a", "one", NOW + 10_000)).toBeUndefined();
    expect(tickets.redeem("a", "one", NOW + 12_000)).toBe(NOW);
  });

  test("of which one does not wait for its time are one, that is told the same again", () => {
    const tickets = issued(ticketFor("one"));
    const again = ticketFor("one", { sinceMs: NOW + 3_000, issuedMs: NOW + 3_000, dueMs: NOW + 20_000 });
    expect(tickets.issue("a", again)).toBe(NOW + 10_000);
    expect(tickets.size).toBe(1);
  });
});

test("who is back too early is told a later time where no key is free until then, and keeps its place", () => {
  const tickets = issued(ticketFor("one"));
  const again = ticketFor("one", { issuedMs: NOW + 3_000, dueMs: NOW + 50_000 });
  expect(tickets.issue("a", again, NOW + 40_000)).toBe(NOW + 40_000);
  expect(tickets.redeem("a", "one", NOW + 10_000)).toBeUndefined();
  expect(tickets.redeem("a", "one", NOW + 40_000)).toBe(NOW);
});

test("who does not come back is forgotten", () => {
  const tickets = issued(ticketFor("one", { tokens: 7 }), ticketFor("two", { dueMs: NOW + 60_000 }));
  tickets.sweep(NOW + 20_000);
  expect(tickets.size).toBe(1);
  expect(tickets.tokens).toBe(1);
});

test("no flood of requests makes more than ten thousand tickets", () => {
  const tickets = new Tickets();
  for (let index = 0; index < 11_000; index += 1) tickets.issue("a", ticketFor(`request-${index}`));
  expect(tickets.size).toBe(10_000);
});

test("the part of those who come back is learned from who does", () => {
  const tickets = new Tickets();
  expect(tickets.share).toBe(1);
  for (let index = 0; index < 300; index += 1) tickets.issue("a", ticketFor(`request-${index}`));
  for (let index = 0; index < 300; index += 3) tickets.redeem("a", `request-${index}`, NOW + 10_000);
  tickets.sweep(NOW + 20_000);
  expect(tickets.share).toBeLessThan(0.1);
  for (let index = 0; index < 300; index += 1) {
    tickets.issue("a", ticketFor("again", { issuedMs: NOW + 20_000, dueMs: NOW + 20_000 }));
    tickets.redeem("a", "again", NOW + 20_000);
  }
  expect(tickets.share).toBeGreaterThan(0.9);
});
