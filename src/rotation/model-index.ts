import { GlobIndex } from "./glob-index.ts";
import type { RotationKey } from "./key-state.ts";
import { isExactName, OTHERS } from "./models.ts";

/**
 * The keys of a configuration by what they serve, so that who serves a model is found without looking at
 * every key: a thousand keys may each name another.
 */
export class ModelIndex<Key extends Pick<RotationKey, "models">> {
  readonly #keys: readonly Key[];
  readonly #named = new Map<string, number[]>();
  readonly #globs = new GlobIndex();
  readonly #others: number[] = [];

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
    for (const [place, { models }] of keys.entries()) {
      for (const pattern of models) {
        if (pattern === OTHERS) this.#others.push(place);
        else if (!isExactName(pattern)) this.#globs.add(pattern, place);
        else {
          const places = this.#named.get(pattern);
          if (places === undefined) this.#named.set(pattern, [place]);
          else places.push(place);
        }
      }
    }
  }

  /**
   * The keys that serve a model to who asks for it in one API: of those that speak it, the keys that name the
   * model exactly; where none does, those with a fitting glob; where none has, those with `others`. A key with
   * `others` never serves what another key names, in whatever API, unless it names it too.
   *
   * @param speaks  whether a key answers that API
   * @returns in the order given; empty where nobody serves the model
   */
  keysFor(model: string, speaks: (key: Key) => boolean): Key[] {
    const named = this.#at(this.#named.get(model) ?? []);
    const exact = named.filter(speaks);
    if (exact.length > 0) return exact;
    const fitting = this.globbing(model);
    const globbed = fitting.filter(speaks);
    if (globbed.length > 0) return globbed;
    const isNamed = named.length > 0 || fitting.length > 0;
    return isNamed ? [] : this.#at(this.#others).filter(speaks);
  }

  /** The keys that have a glob for a name, in the order given. */
  globbing(model: string): Key[] {
    return this.#at(this.#globs.placesOf(model));
  }

  /** @param places  in their order; the same one may follow itself */
  #at(places: readonly number[]): Key[] {
    const keys: Key[] = [];
    let last: number | undefined;
    for (const place of places) {
      const key = this.#keys[place];
      if (key !== undefined && place !== last) keys.push(key);
      last = place;
    }
    return keys;
  }
}
