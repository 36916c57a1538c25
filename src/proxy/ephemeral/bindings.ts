import type { KeyState } from "../../rotation/key-state.ts";

/** What only one key can go on with, and for how long. */
export interface Binding {
  /** Of the key: it is the same one after a reload, whatever its name is then. */
  readonly key: KeyState;
  /** Name of the client that had it made. */
  readonly client: string;
  /** "" where it was made for none. */
  readonly model: string;
  /** Epoch milliseconds. */
  readonly expiresMs: number;
}

/** More than this are not remembered; the oldest go first. */
const MAX_BINDINGS = 100_000;

/**
 * The ephemeral tokens and the calls that were made through this process, and which key made them. They last
 * for minutes, so no disk sees them; of a token only its hash is kept.
 */
export class Bindings {
  // A Map remembers the order in which its keys were set.
  readonly #byHash = new Map<string, Binding>();

  get size(): number {
    return this.#byHash.size;
  }

  /** @param name  a token, or the id of a call */
  remember(name: string, binding: Binding, now: number): void {
    this.#forgetOld(now);
    this.#byHash.set(hashOf(name), binding);
  }

  /** @returns undefined for one that is not known, or expired */
  find(name: string, now: number): Binding | undefined {
    const binding = this.#byHash.get(hashOf(name));
    return binding === undefined || binding.expiresMs <= now ? undefined : binding;
  }

  #forgetOld(now: number): void {
    for (const [hash, { expiresMs }] of this.#byHash) {
      if (expiresMs > now && this.#byHash.size < MAX_BINDINGS) return;
      this.#byHash.delete(hash);
    }
  }
}

function hashOf(name: string): string {
  return new Bun.CryptoHasher("sha256").update(name).digest("base64");
}
