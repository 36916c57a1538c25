import { describe, expect, test } from "bun:test";
import { array, assert, property, string, stringMatching } from "fast-check";

import {
  offeredSubprotocols,
  subprotocolToken,
  withoutCredentials,
} from "../../../src/proxy/websocket/subprotocols.ts";

const offering = (value?: string) =>
  new Headers(value === undefined ? {} : { "sec-websocket-protocol": value });

describe("subprotocols", () => {
  test("are read in their order, however they are spaced", () => {
    expect(offeredSubprotocols(offering("a,b ,  c,,"))).toEqual(["a", "b", "c"]);
    expect(offeredSubprotocols(offering())).toEqual([]);
  });

  test("may hold the client's token", () => {
    expect(subprotocolToken(offering("realtime, openai-insecure-api-key.sk-1.2, x"))).toBe("sk-1.2");
    expect(subprotocolToken(offering("realtime"))).toBeNull();
    expect(subprotocolToken(offering())).toBeNull();
  });

  test("reach the upstream without the token and what belongs to an account", () => {
    const offered = [
      "realtime",
      "openai-insecure-api-key.x",
      "openai-organization.o",
      "openai-project.p",
      "openai-beta.realtime-v1",
    ];
    expect(withoutCredentials(offered)).toEqual(["realtime", "openai-beta.realtime-v1"]);
  });

  test("reach the upstream once each, and only where they are names", () => {
    expect(withoutCredentials(["a", "b c", "a", "d/e", "f.g-1"])).toEqual(["a", "f.g-1"]);
  });

  test("never let a token through, wherever it stands", () => {
    const name = stringMatching(/^[\w.-]{1,12}$/);
    assert(
      property(
        array(name),
        array(name),
        string({ minLength: 1, unit: "grapheme-ascii" }),
        (before, after, secret) => {
          const token = `openai-insecure-api-key.${secret.replaceAll(/[\s,]/g, "-")}`;
          const kept = withoutCredentials(
            offeredSubprotocols(offering([...before, token, ...after].join(", "))),
          );
          expect(kept).toEqual([...new Set([...before, ...after])]);
        },
      ),
    );
  });
});
