/**
 * An instant for each place and which is the soonest: a binary tree in one array, in which node n holds the
 * soonest of its children 2n and 2n + 1 and the places are the last level. A place that waits for no
 * instant has Infinity.
 */
export class DueTree {
  readonly #soonest: Float64Array;
  /** The node of place 0. */
  readonly #leaves: number;

  constructor(places: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, places)));
    this.#soonest = new Float64Array(2 * this.#leaves).fill(Number.POSITIVE_INFINITY);
  }

  /** Epoch milliseconds. */
  get soonestMs(): number {
    return this.#at(1);
  }

  /** A place of the soonest instant. */
  first(): number {
    let node = 1;
    while (node < this.#leaves) {
      node *= 2;
      if (this.#at(node + 1) < this.#at(node)) node += 1;
    }
    return node - this.#leaves;
  }

  set(place: number, atMs: number): void {
    let node = this.#leaves + place;
    this.#soonest[node] = atMs;
    for (node >>= 1; node > 0; node >>= 1) {
      this.#soonest[node] = Math.min(this.#at(2 * node), this.#at(2 * node + 1));
    }
  }

  #at(node: number): number {
    return this.#soonest[node] ?? Number.POSITIVE_INFINITY;
  }
}
