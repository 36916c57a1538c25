import { Value } from "@sinclair/typebox/value";

import type { Bounds } from "../rotation/limits/bounds.ts";
import { BoundsRecord, recordBounds, restoreBounds } from "../state/bounds-record.ts";
import { Instants } from "../state/instants.ts";
import type { Subject } from "../state/keeper.ts";
import { recordKey, restoreKey } from "../state/key-record.ts";
import { identityOf, type KnownClient, type Runtime, type UpstreamKey } from "./runtime.ts";

/** Those of which what was learned is to outlast the process. */
export function subjectsOf({ keys, clients }: Runtime): Subject[] {
  return [
    ...keys.map((key) => new KeptKey(key)),
    ...clients.filter(({ allowance }) => hasWindow(allowance.bounds)).map((client) => new KeptClient(client)),
  ];
}

function hasWindow({ rpm, tpm, rpd }: Bounds): boolean {
  return rpm !== undefined || tpm !== undefined || rpd !== undefined;
}

class KeptKey implements Subject {
  readonly #key: UpstreamKey;

  constructor(key: UpstreamKey) {
    this.#key = key;
  }

  get learned(): object {
    return this.#key.state;
  }

  identity(): string {
    return `key ${identityOf(this.#key.config)}`;
  }

  revision(): number {
    return this.#key.state.revision + this.#key.bounds.revision;
  }

  record(now: number): object {
    return recordKey(this.#key.state, this.#key.bounds, now);
  }

  restore(record: unknown, savedMs: number, now: number): boolean {
    return restoreKey(this.#key.state, this.#key.bounds, record, savedMs, now);
  }
}

/** Of a client, what it has used of its own limits. */
class KeptClient implements Subject {
  readonly #tokenHash: Uint8Array;
  readonly #bounds: Bounds;

  constructor({ tokenHash, allowance }: KnownClient) {
    this.#tokenHash = tokenHash;
    this.#bounds = allowance.bounds;
  }

  get learned(): object {
    return this.#bounds;
  }

  identity(): string {
    return `client ${this.#tokenHash.toHex()}`;
  }

  revision(): number {
    return this.#bounds.revision;
  }

  record(): object {
    return recordBounds(this.#bounds);
  }

  restore(record: unknown, savedMs: number, now: number): boolean {
    if (!Value.Check(BoundsRecord, record)) return false;
    restoreBounds(this.#bounds, record, new Instants(savedMs, now), now);
    return true;
  }
}
