import { describe, expect, test } from "bun:test";

import type { KeyConfig } from "../../../src/config/config.ts";
import { accountIdentity, Accounts, nameOf } from "../../../src/proxy/owners/accounts.ts";
import { claimOf } from "../../../src/proxy/owners/claim.ts";
import { OwnerBook } from "../../../src/state/owner-book.ts";
import { configWith } from "../config-with.ts";

const DAY = 86_400_000;

function known() {
  const book = new OwnerBook();
  const keys = ["anna", "anna", "bert"].map((account, index) => ({ name: `key-${index}`, account }));
  const accounts = new Accounts(keys, book);
  book.remember("file-anna", book.numberOf("anna"), DAY, 0);
  book.remember("file-bert", book.numberOf("bert"), DAY, 0);
  book.remember("file-gone", book.numberOf("chris"), DAY, 0);
  return { book, accounts, claim: (...ids: string[]) => claimOf(ids, book, accounts, 0) };
}

describe("what the ids of a request say of who can serve it", () => {
  test("nothing where there are none", () => {
    expect(known().claim()).toEqual({ kind: "free" });
  });

  test("the account of the one that is known", () => {
    const claim = known().claim("file-new", "file-anna", "file-gone");
    expect(claim).toMatchObject({ kind: "owned", id: "file-anna" });
    expect(claim.kind === "owned" && nameOf(claim.account)).toBe("key-0 and key-1");
  });

  test("that nobody has both of two", () => {
    expect(known().claim("file-bert", "file-new", "file-anna")).toMatchObject({
      kind: "torn",
      first: { id: "file-bert" },
      second: { id: "file-anna" },
    });
  });

  test("that somebody has to be found, and whose key is gone", () => {
    expect(known().claim("file-new")).toEqual({ kind: "unknown", gone: undefined });
    expect(known().claim("file-new", "file-gone")).toEqual({ kind: "unknown", gone: "file-gone" });
  });
});

describe("an account is the same", () => {
  const identities = (fields: readonly Partial<KeyConfig>[]) =>
    configWith({ keys: fields.map((key, index) => ({ name: `key-${index}`, ...key })) }).keys.map((key) =>
      accountIdentity(key, `${key.url} ${key.secret}`),
    );
  const isOne = ([a, b]: readonly string[]) => a === b;

  test.each<[string, boolean, Partial<KeyConfig>[]]>([
    [
      "for one key",
      true,
      [
        { name: "a", secret: "s" },
        { name: "b", secret: "s" },
      ],
    ],
    ["not for two keys", false, [{ name: "a" }, { name: "b" }]],
    [
      "for keys of which the configuration says so",
      true,
      [
        { name: "a", account: "x" },
        { name: "b", account: "x" },
      ],
    ],
    [
      "not at two providers",
      false,
      [
        { name: "a", account: "x" },
        { name: "b", account: "x", provider: "groq" },
      ],
    ],
    [
      "not for one key in two projects",
      false,
      [
        { name: "a", secret: "s", headers: { "openai-project": "p1" } },
        { name: "b", secret: "s", headers: { "openai-project": "p2" } },
      ],
    ],
    [
      "for both keys of a resource of Azure's",
      true,
      [
        { name: "a", provider: "azure", url: "https://one.openai.azure.com" },
        { name: "b", provider: "azure", url: "https://one.openai.azure.com/openai/v1" },
      ],
    ],
    [
      "not for two resources",
      false,
      [
        { name: "a", provider: "azure", url: "https://one.openai.azure.com" },
        { name: "b", provider: "azure", url: "https://two.openai.azure.com" },
      ],
    ],
  ])("%s", (_, expected, keys) => {
    expect(isOne(identities(keys))).toBe(expected);
  });
});
