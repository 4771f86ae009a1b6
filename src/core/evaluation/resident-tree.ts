import type { Buffer, Executor } from "../../executors/executor.js";
import type { HostTree } from "../../tensor/types.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { State } from "../memory/strategy.js";

/** A tree in an executor's memory: the last one stays there until another comes. */
export class Placed {
  #tree: HostTree | undefined;
  #buffers: Buffer[] = [];

  /**
   * @param who what refuses a tree of other shapes
   * @param types the tree of types that every tree must have
   */
  constructor(
    private readonly executor: Executor,
    private readonly who: string,
    private readonly types: unknown,
  ) {}

  /** The tree's leaves; uploaded unless it is the very tree that is there already. @throws if its structure or shapes are others */
  place(tree: HostTree): State {
    if (tree === this.#tree) return this.#buffers;
    const arrays = flattenLike(this.who, this.types, tree);
    this.#tree = undefined;
    // The buffers stay, so that what was recorded with them need not be told of others.
    if (this.#buffers.length) arrays.forEach((array, i) => this.executor.write(this.#buffers[i], array));
    else for (const array of arrays) this.#buffers.push(this.executor.upload(array));
    this.#tree = tree;
    return this.#buffers;
  }

  /** Gives the memory back. */
  clear(): void {
    for (const buffer of this.#buffers) this.executor.free(buffer);
    this.#buffers = [];
    this.#tree = undefined;
  }
}
