import { describe, expect, it } from "vitest";
import { ProgramBuilder } from "../../src/program/builder.js";
import { costOf, nodeCost } from "../../src/program/cost.js";
import { dependsOn } from "../../src/program/reachability.js";

/** tanh(x·w) summed, beside an output that needs x alone. */
function build() {
  const b = new ProgramBuilder();
  const x = b.input([2, 3], "float32"),
    w = b.input([3, 4], "float32");
  const y = b.add("matmul", [x, w], [2, 4], "float32", {});
  const t = b.add("tanh", [y], [2, 4], "float32", {});
  const k = b.add("broadcast", [b.literal(3, "float32")], [2, 4], "float32", {});
  const p = b.add("multiply", [t, k], [2, 4], "float32", {});
  const s = b.add("sum", [p], [], "float32", { axes: [0, 1] });
  const n = b.add("stopGradient", [x], [2, 3], "float32", {});
  return { program: b.build([s, n]), y, t, k, p, s };
}

describe("costOf", () => {
  const { program, y, t, k, p, s } = build();

  it("counts operations and bytes of a node", () => {
    expect(nodeCost(program, y)).toEqual({ flops: 2 * 2 * 3 * 4, bytes: 4 * (6 + 12 + 8) });
    expect(nodeCost(program, t)).toEqual({ flops: 80, bytes: 4 * 16 });
    expect(nodeCost(program, k)).toEqual({ flops: 0, bytes: 0 });
    expect(nodeCost(program, p)).toEqual({ flops: 8, bytes: 4 * 16 });
    expect(nodeCost(program, s)).toEqual({ flops: 8, bytes: 4 * 9 });
  });

  it("adds them up", () => {
    expect(costOf(program)).toEqual({ flops: 48 + 80 + 8 + 8, bytes: 104 + 64 + 64 + 36 });
  });
});

describe("dependsOn", () => {
  const { program } = build();

  it.each([
    [0, [0], true],
    [0, [1], true],
    [1, [0], true],
    [1, [1], false],
    [1, [1, 0], true],
    [0, [], false],
  ] as [number, number[], boolean][])("output %i on inputs %j: %s", (output, inputs, expected) => {
    expect(dependsOn(program, output, inputs)).toBe(expected);
  });
});
