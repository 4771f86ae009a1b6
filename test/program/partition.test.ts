// What a program keeps for others: the cut of least cost, and programs that compute what they computed before.
import { describe, expect, test } from "vitest";
import { mixed, pullback, step } from "../../src/core/problem/definitions.js";
import { WasmExecutor } from "../../src/executors/wasm/executor.js";
import { ProgramBuilder } from "../../src/program/builder.js";
import { Network } from "../../src/program/partition/min-cut.js";
import { bytesHeld, cutBetween, PRICES, type Prices } from "../../src/program/partition/partition.js";
import { split } from "../../src/program/partition/split.js";
import type { HostArray, Program } from "../../src/program/program.js";
import { stream } from "../../src/core/random/index.js";
import { sizeOf } from "../../src/tensor/types.js";
import { bitsOf, norm } from "../support/gradients.js";
import { namedOptimizers } from "../support/named-optimizers.js";
import { samples } from "../support/problems.js";
import { wideProblems } from "../support/wide-problems.js";

/** Keeping costs nothing, something, much. */
const free: Prices = { ...PRICES, byte: 0, array: 0 },
  cheap: Prices = { ...PRICES, array: 0 },
  dear: Prices = { ...PRICES, byte: 1e9 };

describe("a cut of least capacity", () => {
  test("is the one found by trying all", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = stream(seed, "network"),
        n = 7,
        edges: [number, number, number][] = [];
      for (let k = 0; k < 14; k++) edges.push([random.integer(n), random.integer(n), random.integer(10)]);
      const network = new Network(n);
      for (const edge of edges) network.edge(...edge);
      const cost = (side: (i: number) => boolean) => edges.reduce((sum, [a, b, c]) => sum + (side(a) && !side(b) ? c : 0), 0);
      let least = Infinity;
      for (let mask = 0; mask < 1 << n; mask++)
        if (mask & 1 && !(mask & 2))
          least = Math.min(
            least,
            cost(i => (mask & (1 << i)) !== 0),
          );
      const side = network.sourceSide(0, 1);
      expect([side[0], side[1]]).toEqual([1, 0]);
      expect(cost(i => side[i] === 1)).toBe(least);
    }
  });

  test("takes a path as long as a program without recursion", () => {
    const n = 200_000,
      network = new Network(n);
    for (let i = 0; i + 1 < n; i++) network.edge(i, i + 1, i === n - 2 ? 3 : 5);
    const side = network.sourceSide(0, n - 1);
    expect(side[n - 2]).toBe(1);
    expect(side[n - 1]).toBe(0);
  });
});

/** x, then tanh(x·x), then its double; a later program needs the double and the sum of x. */
function example(): { readonly first: Program; readonly later: Program } {
  const build = (later: boolean): Program => {
    const b = new ProgramBuilder(),
      x = b.input([40, 40], "float32"),
      u = later ? b.input([40, 40], "float32") : x;
    const product = b.add("matmul", [x, x], [40, 40], "float32", {}),
      bent = b.add("tanh", [product], [40, 40], "float32", {}),
      double = b.add("add", [bent, bent], [40, 40], "float32", {});
    return b.build([later ? b.add("multiply", [double, u], [40, 40], "float32", {}) : double]);
  };
  return { first: build(false), later: build(true) };
}

describe("what is kept", () => {
  test("is what is dearer to compute than to keep, and what is cheap is computed from it", () => {
    const { first, later } = example(),
      {
        kept,
        later: [resumed],
        gain,
      } = split(first, [later]);
    expect(kept).toEqual([{ shape: [40, 40], dtype: "float32" }]);
    expect(resumed.program.nodes.map(({ op }) => op)).not.toContain("matmul");
    expect(resumed.program.nodes.map(({ op }) => op)).not.toContain("tanh");
    expect(resumed.program.inputs).toHaveLength(3);
    expect(gain).toBeGreaterThan(0.3);
  });

  test("is nothing where memory is dear", () => {
    const { first, later } = example(),
      {
        kept,
        later: [resumed],
        gain,
      } = split(first, [later], dear);
    expect(kept).toEqual([]);
    expect(resumed.program.nodes).toHaveLength(later.nodes.length);
    expect(gain).toBe(0);
  });

  test("costs the least of all choices, tried one by one", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { program, first, later, shared } = randomPair(seed),
        prices: Prices = { product: 40, arithmetic: 125, byte: 10 ** (seed % 4), array: 0 },
        { kept } = cutBetween(program, first, [later], prices);
      const cost = (given: ReadonlySet<number>): number => {
        let sum = 0;
        const seen = new Set<number>(),
          stack = [...later];
        for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
          if (seen.has(i)) continue;
          seen.add(i);
          if (given.has(i)) sum += Math.round(bytesHeld(program.nodes[i]) * prices.byte);
          else {
            const { op, inputs, shape } = program.nodes[i];
            if (shared.includes(i)) sum += Math.round((op === "tanh" ? 10 : 1) * sizeOf(shape) * prices.arithmetic);
            stack.push(...inputs);
          }
        }
        return sum;
      };
      let least = Infinity;
      for (let mask = 0; mask < 1 << shared.length; mask++)
        least = Math.min(least, cost(new Set(shared.filter((_, k) => mask & (1 << k)))));
      expect(cost(new Set(kept)), `seed ${seed}`).toBe(least);
    }
  });
});

/** Element-by-element operations on arrays of several sizes: ten that two programs share, then three of the later one's own. */
function randomPair(seed: number) {
  const random = stream(seed, "pair"),
    b = new ProgramBuilder(),
    x = b.input([8], "float32"),
    u = b.input([8], "float32"),
    from = [x],
    shared: number[] = [];
  const next = (pool: readonly number[]): number => {
    const any = () => pool[random.integer(pool.length)];
    return random.integer(2) ? b.add("tanh", [any()], [8], "float32", {}) : b.add("add", [any(), any()], [8], "float32", {});
  };
  for (let k = 0; k < 10; k++) {
    shared.push(next(from));
    from.push(shared[k]);
  }
  const later = Array.from({ length: 3 }, () => b.add("multiply", [shared[random.integer(10)], u], [8], "float32", {}));
  return { program: b.build([...shared, ...later]), first: shared, later, shared };
}

describe("a step in parts has the bits of the whole, and its products are the same to rounding", () => {
  const executor = new WasmExecutor(),
    all = [...samples, ...namedOptimizers, ...wideProblems],
    sets = [[pullback], [mixed], [mixed, pullback]];

  test.each(all.flatMap(sample => (["float32", "float64"] as const).map(dtype => ({ ...sample, dtype }))))(
    "$name, $dtype",
    async ({ problem, dtype }) => {
      const programs = problem.programs({ theta: problem.theta(1), task: await problem.task(1, 1, 0) }, dtype),
        inputs = inputsFor(programs.of(pullback).program),
        run = (program: Program, given: readonly HostArray[]) => {
          const buffers = given.map(array => executor.upload(array)),
            outputs = executor.compile(program).run(buffers),
            read = executor.readAll(outputs);
          for (const buffer of [...buffers, ...outputs]) executor.free(buffer);
          return read;
        };
      const { program: first } = programs.of(step),
        atStep = inputs.slice(0, first.inputs.length),
        stepped = run(first, atStep);
      let kept = 0;
      for (const set of sets)
        for (const prices of [free, cheap, PRICES]) {
          const later = set.map(definition => programs.of(definition).program),
            parts = split(first, later, prices),
            found = run(parts.first, atStep),
            residuals = found.slice(stepped.length);
          kept += residuals.length;
          expect(bitsOf(found.slice(0, stepped.length))).toBe(bitsOf(stepped));
          for (const [k, { program, reads }] of parts.later.entries()) {
            const own = inputs.slice(0, later[k].inputs.length).map((array, i) => asType(array, later[k].inputs[i], i));
            const whole = run(later[k], own),
              fromKept = run(program, [...own, ...reads.map(r => residuals[r])]);
            for (const [i, array] of whole.entries()) {
              const off = norm([...array.data].map((v, n) => v - fromKept[i].data[n]));
              expect(off).toBeLessThanOrEqual((dtype === "float64" ? 1e-13 : 1e-5) * norm([...array.data]));
            }
          }
        }
      expect(kept).toBeGreaterThan(0);
    },
  );
});

/** Numbers for the inputs of a program; the number of a step is 1. */
const inputsFor = ({ inputs }: Program): HostArray[] => inputs.map(numbersFor);
const asType = (array: HostArray, type: Program["inputs"][number], i: number): HostArray =>
  array.dtype === type.dtype && array.shape.join() === type.shape.join() ? array : numbersFor(type, i);

function numbersFor({ shape, dtype }: Program["inputs"][number], i: number): HostArray {
  const random = stream(5, "numbers", i),
    n = sizeOf(shape);
  if (dtype === "float32") return { shape, dtype, data: Float32Array.from({ length: n }, () => random.next() + 0.1) };
  if (dtype === "float64") return { shape, dtype, data: Float64Array.from({ length: n }, () => random.next() + 0.1) };
  return { shape, dtype: "int32", data: new Int32Array(n).fill(1) };
}
