import { expect, it } from "vitest";
import { duration } from "../../cli/src/arguments.js";
import type { Encoding } from "../../cli/src/tables/encoding.js";
import { groupsOf, penaltiesFor } from "../../cli/src/tuning/groups.js";
import { foldsOf, splitOff } from "../../cli/src/tuning/rows.js";

const encoding: Encoding = {
  ...{ format: "ufom.features", version: 1, leftOut: [] },
  columns: [
    { name: "a", type: "number", as: "number", center: 0, scale: 1, robust: false, missing: true },
    { name: "same", type: "number", as: "number", center: 3, scale: 0, robust: false, missing: false },
    { name: "b", type: "category", as: "category", levels: ["x", "y"], others: 2, missing: false },
  ],
};

it("features of one column share a penalty; a column without features has none", () => {
  const { names, of } = groupsOf(encoding, "columns");
  expect([names, [...of]]).toEqual([
    ["a", "b"],
    [0, 0, 1, 1, 1],
  ]);
  expect(groupsOf(encoding, "features").names).toEqual(["a", "a missing", "b=x", "b=y", "b other"]);
  expect([...groupsOf(encoding, "all").of]).toEqual([0, 0, 0, 0, 0]);
});

it("a group that was not learned has the geometric mean of the others", () => {
  const known = groupsOf(encoding, "columns");
  const more = { names: ["b", "new", "a"], of: Int32Array.of(0, 1, 2) };
  const [b, added, a, layer] = penaltiesFor(more, known, [2, 8, 32]);
  expect([b, a, layer]).toEqual([8, 2, 32]);
  expect(added).toBeCloseTo(4, 12);
});

it("holds the same share of each class out, and deals the rest so", () => {
  const codes = Int32Array.from({ length: 200 }, (_, i) => Number(i % 10 === 0));
  const { train, heldOut } = splitOff(codes, 0.25, 1);
  expect([...train, ...heldOut].sort((x, y) => x - y)).toEqual([...codes.keys()]);
  expect([heldOut.length, heldOut.filter(i => codes[i] === 1).length]).toEqual([50, 5]);
  expect(splitOff(codes, 0, 1).heldOut).toHaveLength(0);
  const folds = foldsOf(codes, 4, 1, "test");
  expect(folds.flatMap(({ validation }) => [...validation]).sort((x, y) => x - y)).toEqual([...codes.keys()]);
  for (const fold of folds) expect(fold.validation.filter(i => codes[i] === 1)).toHaveLength(5);
});

it("reads times with their unit", () => {
  expect(["90s", "2m", "1.5h"].map(duration("--budget"))).toEqual([90, 120, 5400]);
  for (const text of ["", "5", "-1s", "2 weeks"])
    expect(() => duration("--budget")(text)).toThrow("ufom: --budget must be a time with its unit, as 90s, 2m or 1h; received");
  expect(() => duration("--budget")("0s")).toThrow("ufom: --budget must be a time above zero, of 500h at most; received");
});
