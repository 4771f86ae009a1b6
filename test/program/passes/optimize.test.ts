import { describe, expect, it } from "vitest";
import { optimize } from "../../../src/program/passes/index.js";
import type { Pass } from "../../../src/program/passes/index.js";
import type { Program } from "../../../src/program/program.js";
import { sketch } from "../support.js";

describe("optimize", () => {
  it("names a pass that makes an ill-typed program", () => {
    const program = sketch(s => s.op("exp", s.x(2)));
    const wrong: Pass = ({ nodes, ...rest }): Program => ({ ...rest, nodes: nodes.map(node => ({ ...node, shape: [3] })) });
    expect(() => optimize(program, [wrong])).toThrow("ufom: the pass wrong must keep a program well-typed");
  });

  it("takes a program of 1,000 nodes through all passes in 30 ms, and leaves a finished one alone", () => {
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
    // Processor time of the best of several runs: other work on the machine must not decide.
    const program = big(1_000),
      milliseconds = Array.from({ length: 20 }, () => {
        const started = process.cpuUsage();
        optimize(program);
        const { user, system } = process.cpuUsage(started);
        return (user + system) / 1_000;
      });
    const done = optimize(program);
    expect(optimize(done)).toBe(done);
    expect(Math.min(...milliseconds)).toBeLessThan(30);
  });
});
