import { leaves } from "../../src/core/trees/host-tree.js";
import { digestOf } from "../../src/program/hash.js";
import type { HostTree } from "../../src/tensor/types.js";

/** Names the numbers of a tree to the last bit, in Node and in pages. */
export const treeDigest = (tree: HostTree): string => leaves(tree).map(digestOf).join(" ");
