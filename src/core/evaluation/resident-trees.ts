import type { Awaitable, Executor } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import type { HostArray, HostTree } from "../../tensor/types.js";
import { flattenLike } from "../trees/host-leaves.js";
import { isPromise } from "./awaitable.js";
import type { State } from "./machine.js";

/** A tree's leaves in an executor's memory, for as long as somebody uses them. */
export interface Lease {
  readonly state: State;
  /** Ends the use. @throws if all uses have ended */
  release(): void;
}

/** Buffers for one tree. They stay the same while trees change, so that recordings of programs on them need not be told. */
class Slot implements Lease {
  tree: HostTree | undefined;
  users = 0;
  /** Its memory is to be given back when its last use ends. */
  cleared = false;

  constructor(
    readonly state: State,
    private readonly giveBack: (slot: Slot) => void,
  ) {}

  release(): void {
    if (this.users === 0) fail("a lease", "is released once", "a second release");
    if (--this.users === 0 && this.cleared) this.giveBack(this);
  }
}

/**
 * Trees of one structure in an executor's memory. A tree that is used keeps its buffers to itself: whoever else asks meanwhile for another
 * gets others. A tree that is asked for again is found where it lies.
 */
export class ResidentTrees {
  readonly #byTree = new Map<HostTree, Slot>();
  readonly #slots: Slot[] = [];
  /** Where the next slot that nobody uses is looked for: slots are filled in turns. */
  #next = 0;

  /**
   * @param who what refuses a tree of other shapes
   * @param types the tree of types that every tree must have
   * @param check looks at the leaves of a tree before they are brought into memory, and throws if they cannot be meant
   */
  constructor(
    private readonly executor: Executor,
    private readonly who: string,
    private readonly types: unknown,
    private readonly check: (leaves: readonly HostArray[]) => void = () => undefined,
  ) {}

  /** A tree's leaves; uploaded unless it is a tree that is there already. @throws if its structure or shapes are others */
  lease(tree: HostTree): Lease {
    const slot = this.#byTree.get(tree) ?? this.#fill(tree);
    slot.users++;
    return slot;
  }

  #fill(tree: HostTree): Slot {
    const arrays = flattenLike(this.who, this.types, tree);
    this.check(arrays);
    let slot = this.#unused();
    if (slot) {
      const { state } = slot;
      if (slot.tree) this.#byTree.delete(slot.tree);
      slot.tree = undefined;
      for (let i = 0; i < arrays.length; i++) this.executor.write(state[i], arrays[i]);
    } else {
      slot = new Slot(
        arrays.map(array => this.executor.upload(array)),
        this.#giveBack,
      );
      this.#slots.push(slot);
    }
    slot.tree = tree;
    this.#byTree.set(tree, slot);
    return slot;
  }

  #unused(): Slot | undefined {
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[(this.#next + i) % slots.length];
      if (slot.users > 0) continue;
      this.#next = (this.#next + i + 1) % slots.length;
      return slot;
    }
    return undefined;
  }

  readonly #giveBack = ({ state }: Slot): void => {
    for (const buffer of state) this.executor.free(buffer);
  };

  /** Forgets which trees lie where, so that changed numbers of the same tree are brought again; the memory stays. */
  forget(): void {
    this.#byTree.clear();
    for (const slot of this.#slots) slot.tree = undefined;
  }

  /** Gives the memory back: of what is used, when its use ends. */
  clear(): void {
    this.#byTree.clear();
    for (const slot of this.#slots.splice(0)) {
      slot.cleared = true;
      if (slot.users === 0) this.#giveBack(slot);
    }
    this.#next = 0;
  }
}

/** Does something with several trees in an executor's memory, for as long as it takes. */
export function leasing<R>(
  resident: ResidentTrees,
  trees: readonly HostTree[],
  f: (states: readonly State[]) => Awaitable<R>,
): Awaitable<R> {
  const leases: Lease[] = [],
    release = () => {
      for (const lease of leases) lease.release();
    };
  let answer: Awaitable<R>;
  try {
    for (const tree of trees) leases.push(resident.lease(tree));
    answer = f(leases.map(({ state }) => state));
  } catch (error) {
    release();
    throw error;
  }
  if (isPromise(answer)) return answer.finally(release);
  release();
  return answer;
}
