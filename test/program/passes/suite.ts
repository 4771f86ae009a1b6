import { describe, expect, it } from "vitest";
import type { Pass } from "../../../src/program/passes/index.js";
import type { Sketch } from "../support.js";
import { after, outputsOf, sketch, someInputs } from "../support.js";

type Build = (s: Sketch) => number | readonly number[];

/** What is built, and what must be left of it; numbers are compared too, bit by bit unless a margin is given. */
export type Case = [name: string, build: Build, left: string, margin?: number];

/** Tests of one pass. */
export function suite(title: string, pass: Pass, cases: readonly Case[]): void {
  describe(title, () => {
    it.each(cases)("%s", (_, build, left, margin = 0) => {
      const program = sketch(build),
        inputs = someInputs(program);
      expect(after(pass, program)).toBe(left.replace(/\n +/g, "\n"));
      const expected = outputsOf(program, inputs),
        actual = outputsOf(pass(program), inputs);
      expected.forEach(({ data }, k) => {
        expect(actual[k].data.length).toBe(data.length);
        data.forEach((right, i) => {
          if (margin === 0) expect(actual[k].data[i]).toBe(right);
          else expect(Math.abs(actual[k].data[i] - right)).toBeLessThanOrEqual(margin * Math.max(1, Math.abs(right)));
        });
      });
    });
  });
}
