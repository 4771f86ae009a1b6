import type { Buffer, Executor } from "../../executors/executor.js";
import type { HostTree } from "../../tensor/types.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { State } from "./machine.js";

/** A tree's leaves in an executor's memory, for as long as somebody uses them. */
export interface Lease {
  readonly state: State;
  /** Ends the use; once. */
  release(): void;
}

/** Buffers for one tree. They stay the same while trees change, so that recordings of programs on them need not be told. */
interface Slot {
  tree: HostTree | undefined;
  readonly state: readonly Buffer[];
  users: number;
}

/**
 * Trees of one structure in an executor's memory. A tree that is used keeps its buffers to itself: whoever else asks meanwhile for another
 * gets others. A tree that is asked for again is found where it lies.
 */
export class ResidentTrees {
  readonly #byTree = new Map<HostTree, Slot>();
  /** Slots that nobody uses; the one that was released longest ago comes first. */
  readonly #free = new Set<Slot>();
  #cleared = 0;

  /**
   * @param who what refuses a tree of other shapes
   * @param types the tree of types that every tree must have
   */
  constructor(
    private readonly executor: Executor,
    private readonly who: string,
    private readonly types: unknown,
  ) {}

  /** A tree's leaves; uploaded unless it is a tree that is there already. @throws if its structure or shapes are others */
  lease(tree: HostTree): Lease {
    const slot = this.#byTree.get(tree) ?? this.#fill(tree),
      born = this.#cleared;
    if (slot.users++ === 0) this.#free.delete(slot);
    let used = true;
    return {
      state: slot.state,
      release: () => {
        if (!used) return;
        used = false;
        if (--slot.users > 0) return;
        if (born === this.#cleared) this.#free.add(slot);
        else this.#giveBack(slot);
      },
    };
  }

  #fill(tree: HostTree): Slot {
    const arrays = flattenLike(this.who, this.types, tree),
      [unused] = this.#free;
    let slot: Slot | undefined = unused;
    if (slot) {
      const { state } = slot;
      this.#forget(slot);
      arrays.forEach((array, i) => this.executor.write(state[i], array));
    } else slot = { tree: undefined, state: arrays.map(array => this.executor.upload(array)), users: 0 };
    slot.tree = tree;
    this.#byTree.set(tree, slot);
    return slot;
  }

  #forget(slot: Slot): void {
    if (slot.tree && this.#byTree.get(slot.tree) === slot) this.#byTree.delete(slot.tree);
    slot.tree = undefined;
  }

  #giveBack(slot: Slot): void {
    for (const buffer of slot.state) this.executor.free(buffer);
  }

  /** Forgets which trees lie where, so that changed numbers of the same tree are brought again; the memory stays. */
  forget(): void {
    for (const slot of this.#free) slot.tree = undefined;
    this.#byTree.clear();
  }

  /** Gives the memory back: of what is used, when its use ends. */
  clear(): void {
    this.#cleared++;
    this.#byTree.clear();
    for (const slot of this.#free) this.#giveBack(slot);
    this.#free.clear();
  }
}
