/** What was asked for last, by number, so that it is not made again; when it is full, what was asked for longest ago goes. */
export class Recent<V extends object> {
  readonly #kept = new Map<number, V>();

  /** @param most how many are kept, at least 1 */
  constructor(private readonly most: number) {}

  get(key: number, make: () => V): V {
    const found = this.#kept.get(key);
    if (found !== undefined) this.#kept.delete(key);
    const value = found ?? make();
    this.#kept.set(key, value);
    // A Map goes through its keys in the order in which they were set.
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > this.most && !oldest.done) this.#kept.delete(oldest.value);
    return value;
  }
}
