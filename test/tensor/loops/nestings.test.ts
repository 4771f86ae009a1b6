import { describe, expect, it } from "vitest";
import { verifyProgram } from "../../../src/program/verify.js";
import { trace } from "../../../src/tensor/trace.js";
import { paths } from "../../../src/tensor/tree.js";
import type { HostArray, HostTree } from "../../../src/tensor/types.js";
import { evaluate } from "../evaluate.js";
import type { Way } from "./nests.js";
import { inputs, nests } from "./nests.js";

const leaves = (t: HostTree): number[] => paths("a result", t).flatMap(([, a]) => Array.from((a as HostArray).data));

const far = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))));

const names = Object.keys(nests("store", false));

describe.each([false, true])("reverse %s", reverse => {
  const unrolled = nests("unrolled", reverse);
  describe.each(["store", "checkpoint=1", "checkpoint=2", "checkpoint=3", "checkpoint=9"] as Way[])("%s", way => {
    const scanned = nests(way, reverse);
    it.each(names)("%s is that of the unrolled loop", name => {
      verifyProgram(trace(scanned[name], inputs, "float64").program);
      const [own, other] = [scanned, unrolled].map(f => leaves(evaluate<HostTree>(f[name], inputs)));
      expect(own.length).toBe(other.length);
      expect(other.some(x => x !== 0)).toBe(true);
      expect(far(own, other)).toBeLessThan(1e-12);
    });

    it.each(["grad", "gradOfW"])("%s has the bits of store", name => {
      const stored = nests("store", reverse);
      expect(leaves(evaluate<HostTree>(scanned[name], inputs))).toEqual(leaves(evaluate<HostTree>(stored[name], inputs)));
    });
  });
});
