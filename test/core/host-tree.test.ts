import { describe, expect, test } from "vitest";
import { leavesWithPaths, mapTree, zipTrees } from "../../src/core/trees/host-tree.js";
import { f32, f64 } from "../../src/tensor/host.js";
import type { HostTree } from "../../src/tensor/types.js";

describe("host trees", () => {
  const tree = { z: f32([1]), a: [f64([2]), { b: f64([3]) }] };

  test("paths, in the order of the keys", () => {
    expect(leavesWithPaths(tree).map(([path, { data }]) => [path, data[0]])).toEqual([
      ["z", 1],
      ["a.0", 2],
      ["a.1.b", 3],
    ]);
    expect(leavesWithPaths(f64([1]))).toEqual([["", f64([1])]]);
    expect(leavesWithPaths({})).toEqual([]);
  });

  test("mapTree gives f each leaf and its path", () => {
    const seen: string[] = [];
    const mapped = mapTree((leaf, path) => (seen.push(path), leaf), tree);
    expect(mapped).toEqual(tree);
    expect(Object.keys(mapped)).toEqual(["z", "a"]);
    expect(seen).toEqual(["z", "a.0", "a.1.b"]);
  });

  test.each([
    [{ z: f32([1]) }, "{ z, a }; received { z }"],
    [{ z: f32([1]), b: tree.a }, "{ z, a }; received { z, b }"],
    [{ ...tree, z: f64([1]) }, "float32[1] at z; received float64[1]"],
    [{ ...tree, a: [f64([2])] }, "a list of 2 at a; received a list of 1"],
    [{ ...tree, a: { 0: f64([2]), 1: { b: f64([3]) } } }, "a list of 2 at a; received { 0, 1 }"],
    [{ ...tree, a: [f64([2]), f64([3])] }, "{ b } at a.1; received float64[1]"],
    [[], "{ z, a }; received a list of 0"],
  ])("zipTrees refuses another structure: %#", (other, sentence) => {
    expect(() => zipTrees("sum", ([a]) => a, tree, other as HostTree)).toThrow(`ufom: sum needs trees of one structure, ${sentence}.`);
  });
});
