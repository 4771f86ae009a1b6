import { describe, expect, it } from "vitest";
import { optimize } from "../../../src/program/passes/index.js";
import type { Pass } from "../../../src/program/passes/index.js";
import type { Program } from "../../../src/program/program.js";
import { countedWork } from "../../support/counted-work.js";
import { sketch } from "../support.js";

describe("optimize", () => {
  it("names a pass that makes an ill-typed program", () => {
    const program = sketch(s => s.op("exp", s.x(2)));
    const wrong: Pass = ({ nodes, ...rest }): Program => ({ ...rest, nodes: nodes.map(node => ({ ...node, shape: [3] })) });
    expect(() => optimize(program, [wrong])).toThrow("ufom: the pass wrong must keep a program well-typed");
  });

  const big = (n: number): Program =>
    sketch(s => {
      let x = s.x(20, 20);
      const w = s.x(20, 20);
      for (let i = 0; s.nodes.length < n - 8; i++) {
        const h = s.op("tanh", s.op("add", s.matmul(x, w), s.broadcast(s.literal(i, "float64"), 20, 20)));
        x = s.op("multiply", s.op("subtract", x, h), s.broadcast(s.reshape(s.sum(h, 1), 20, 1), 20, 20));
      }
      return s.sum(x, 0, 1);
    });

  it("leaves a finished program alone", () => {
    const done = optimize(big(1_000));
    expect(optimize(done)).toBe(done);
  });

  it("takes work in proportion to the program, and for each node not much more than it did", async () => {
    const work = async (n: number) => {
      const program = big(n);
      return (await countedWork(() => optimize(program))) / program.nodes.length;
    };
    const [small, large] = [await work(1_000), await work(8_000)];
    expect(large / small).toBeLessThan(1.1);
    // 134 when this was written: a pass more over all nodes is about 5.
    expect(small).toBeLessThan(200);
  });
});
