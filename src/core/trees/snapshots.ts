import { fail } from "../../tensor/error.js";
import { copyHost, isHostArray } from "../../tensor/host.js";
import type { HostArray, HostTree, TypedArray } from "../../tensor/types.js";
import { sameShape } from "../../tensor/types.js";
import { leavesWithPaths, mapTree } from "./host-tree.js";

/** A tree of its own, with the same numbers. */
export const copyTree = <T extends HostTree>(tree: T): T => mapTree(copyHost, tree);

/** Plain data with host arrays of its own. */
export function copyData<D>(data: D): D {
  if (isHostArray(data)) return copyHost(data) as D & HostArray;
  if (Array.isArray(data)) return data.map(copyData) as D;
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, child]) => [key, copyData(child as unknown)])) as D;
}

/** Up to so many words (of 32 bits) an array is looked through every time. */
const WHOLE = 2 ** 20;
/** Larger ones are looked at in blocks: the first words of each every time, and so many blocks in turn from end to end. */
const BLOCK = 2 ** 16;
const FIRST = 16;
const IN_TURN = 4;

/** The bits of numbers, whatever they are of. */
const bitsOf = ({ buffer, byteOffset, byteLength }: TypedArray): Int32Array | Uint8Array =>
  byteLength % 4 || byteOffset % 4 ? new Uint8Array(buffer, byteOffset, byteLength) : new Int32Array(buffer, byteOffset, byteLength / 4);

function differ(a: Int32Array | Uint8Array, b: Int32Array | Uint8Array, from: number, to: number): boolean {
  let bits = 0;
  for (let i = from; i < to; i++) bits |= a[i] ^ b[i];
  return bits !== 0;
}

/** Numbers as they were when they were given, and where they came from. */
class Kept {
  /** The tree that was taken last of those whose first array this is. */
  tree: HostTree | undefined;
  // Made when they are first compared: what is drawn anew each time never is.
  #views: readonly [given: Int32Array | Uint8Array, copied: Int32Array | Uint8Array] | undefined;
  #turn = 0;

  constructor(
    private readonly data: TypedArray,
    readonly copy: HostArray,
  ) {}

  /** Whether the numbers are others than when they were looked at last; "earlier" if they may have been at the last look already. */
  changed(): boolean | "earlier" {
    const [a, b] = (this.#views ??= [bitsOf(this.data), bitsOf(this.copy.data)]),
      n = b.length;
    if (n <= WHOLE) return differ(a, b, 0, n);
    for (let i = 0; i < n; i += BLOCK) if (differ(a, b, i, Math.min(i + FIRST, n))) return true;
    if (differ(a, b, n - FIRST, n)) return true;
    for (let k = 0; k < IN_TURN; k++) {
      const from = this.#turn;
      this.#turn = from + BLOCK < n ? from + BLOCK : 0;
      if (differ(a, b, from, Math.min(from + BLOCK, n))) return "earlier";
    }
    return false;
  }
}

/**
 * Trees as they were when they were given. Whoever gave one may write other numbers into it afterwards: a tree with the same numbers as
 * before gives the very same copy, so that all that knows trees by their identity is right, and one with other numbers another.
 *
 * Arrays are compared with their copies, bit by bit. Of those above 4 MiB every look sees the first words of each block of 256 KiB and four
 * whole blocks in turn: numbers that are all drawn anew are seen at once, single ones that were changed in place some looks later, too late
 * to be taken, and then refused.
 */
export class Snapshots {
  readonly #arrays = new WeakMap<TypedArray, Kept>();

  /** @param who what refuses a change that came unseen */
  constructor(private readonly who: string) {}

  take<T extends HostTree>(tree: T): T {
    let first: Kept | undefined;
    const copy = mapTree(array => {
      const kept = this.#array(array, tree);
      first ??= kept;
      return kept.copy;
    }, tree);
    if (!first) return copy;
    if (first.tree && sameArrays(first.tree, copy)) return first.tree as T;
    first.tree = copy;
    return copy;
  }

  #array(array: HostArray, tree: HostTree): Kept {
    const { data, dtype, shape } = array,
      known = this.#arrays.get(data);
    if (known && known.copy.dtype === dtype && known.copy.data.length === data.length && sameShape(known.copy.shape, shape)) {
      const changed = known.changed();
      if (changed === "earlier") {
        const path = leavesWithPaths(tree).find(([, leaf]) => leaf === array)?.[0];
        fail(
          this.who,
          "takes single other numbers in a large array as another array",
          `the same array${path ? ` at ${path}` : ""}, in which some changed since it was first given`,
        );
      }
      if (!changed) return known;
    }
    const kept = new Kept(data, copyHost(array));
    this.#arrays.set(data, kept);
    return kept;
  }
}

/** Whether two trees are made of the same arrays in the same order. */
function sameArrays(a: HostTree, b: HostTree): boolean {
  if (isHostArray(a) || isHostArray(b)) return a === b;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length
    && Array.isArray(a) === Array.isArray(b)
    && keys.every((key, i) => key === others[i] && sameArrays((a as Record<string, HostTree>)[key], (b as Record<string, HostTree>)[key]))
  );
}
