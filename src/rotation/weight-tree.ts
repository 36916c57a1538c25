/**
 * Weights of places and their sums: a binary tree in one array, in which node n has the children 2n and
 * 2n + 1 and the places are the last level. Setting a weight, drawing a place by weight and finding the next
 * that has any take as many steps as the tree is high. A sum is made anew from both children, never by a
 * difference, so that no rounding is left where everything is 0.
 */
export class WeightTree {
  readonly #sums: Float64Array;
  /** The node of place 0. */
  readonly #leaves: number;

  constructor(weights: readonly number[]) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, weights.length)));
    this.#sums = new Float64Array(2 * this.#leaves);
    this.#sums.set(weights, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node -= 1) this.#add(node);
  }

  set(place: number, weight: number): void {
    let node = this.#leaves + place;
    this.#sums[node] = weight;
    for (node >>= 1; node > 0; node >>= 1) this.#add(node);
  }

  /**
   * A place in proportion to its weight; there has to be one.
   *
   * @param share  uniform in [0, 1)
   */
  draw(share: number): number {
    let left = share * this.#sum(1);
    let node = 1;
    while (node < this.#leaves) {
      node *= 2;
      // Where rounding leads past the last weight, the way goes on beside it.
      if (left < this.#sum(node) || this.#sum(node + 1) === 0) continue;
      left -= this.#sum(node);
      node += 1;
    }
    return node - this.#leaves;
  }

  /** The first place with a weight, from this one on; -1 where there is none. */
  next(from: number): number {
    if (from >= this.#leaves) return -1;
    let node = this.#leaves + from;
    while (this.#sum(node) === 0) {
      // The last node of its level: nothing is to its right.
      if ((node & (node + 1)) === 0) return -1;
      node += 1;
      while (node % 2 === 0) node /= 2;
    }
    while (node < this.#leaves) {
      node *= 2;
      if (this.#sum(node) === 0) node += 1;
    }
    return node - this.#leaves;
  }

  #add(node: number): void {
    this.#sums[node] = this.#sum(2 * node) + this.#sum(2 * node + 1);
  }

  #sum(node: number): number {
    return this.#sums[node] ?? 0;
  }
}
