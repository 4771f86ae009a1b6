// What every outer transform promises, also a user's own: `runOuterTests({ create })`.
import type { Buffer } from "../../../src/index.js";
import * as fc from "../../support/fast-check.js";
import { describe, expect, test } from "vitest";
import { chain, sgd, type OuterTransform } from "../../../src/core/outer/index.js";
import { stepCodes, traceOuter } from "../../../src/core/outer/outer-programs.js";
import { stream } from "../../../src/core/random/index.js";
import { leaves, leavesWithPaths, mapTree } from "../../../src/core/trees/host-tree.js";
import { createReferenceExecutor } from "../../../src/executors/reference/index.js";
import { createWasmExecutor } from "../../../src/executors/wasm/index.js";
import type { Executor } from "../../../src/executors/executor.js";
import type { HostTree } from "../../../src/tensor/types.js";
import { allocate } from "../../../src/tensor/types.js";
import { bitsOf, numbersOf } from "../../support/gradients.js";
import type { Reference } from "../../support/outer-reference.js";
import { dtypes, lossAt, on, randomTree, shuffled, steps, throughText, walk } from "../../support/outer-walk.js";

export interface OuterSuite {
  /** Makes the transform; its θ is `thetaOf`'s, unless `theta` is given. */
  readonly create: () => OuterTransform;
  /** The name that reports must show. */
  readonly name?: string;
  /** The same in plain loops, from the published equations. */
  readonly reference?: Reference;
  /** Whether it descends by itself, as it does unless told; a clip needs a rate behind it. */
  readonly descends?: boolean;
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[];
}

const executors: Readonly<Record<string, () => Executor>> = { wasm: createWasmExecutor, reference: createReferenceExecutor };

/** Runs the tests of outer transforms over one of them. */
export function runOuterTests({ create, name, reference, descends = true, skip = [] }: OuterSuite): void {
  const promise = (title: string, f: () => void | Promise<void>) => {
    const skipped = skip.find(({ tests }) => tests.includes(title));
    if (skipped) test.skip(`${title} (${skipped.reason})`, f);
    else test(title, f);
  };

  describe(`outer transform ${name ?? create().name}`, () => {
    if (name !== undefined) promise("is named as in reports", () => expect(create().name).toBe(name));

    if (reference)
      promise("follows its equations, in both precisions, on every executor", async () => {
        for (const dtype of dtypes)
          for (const [executorName, executor] of Object.entries(executors)) {
            const seen = await walk(create(), dtype, { executor: executor() }),
              step = reference(),
              numbers = (tree: HostTree) => leaves(tree).map(({ data }) => Array.from(data));
            let theta = numbers(randomTree(dtype, 0));
            for (let k = 1; k <= steps; k++) {
              const updates = step({ gradient: numbers(randomTree(dtype, k)), theta, k, loss: lossAt(k) });
              theta = theta.map((leaf, l) => leaf.map((t, i) => t + updates[l][i]));
              const size = Math.max(...theta.flat().map(Math.abs)),
                error = Math.max(...numbersOf(seen[k - 1].theta).map((t, i) => Math.abs(t - theta.flat()[i])));
              expect(error / size, `${dtype} on ${executorName}, step ${k}`).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-13);
            }
          }
      });

    promise("keeps θ's tree and its state's: keys in order, lists, shapes, element types", async () => {
      const outline = (tree: HostTree): string => JSON.stringify(mapTree(leaf => ({ ...leaf, data: new Uint8Array() }), tree));
      for (const dtype of dtypes) {
        const seen = await walk(create(), dtype, { count: 2 });
        expect(outline(seen[0].theta)).toBe(outline(randomTree(dtype, 0)));
        expect(outline(seen[1].state)).toBe(outline(seen[0].state));
      }
    });

    promise("changes none of the arrays that it is given, and gives the same again", async () => {
      const [theta, gradient] = [randomTree("float32", 0), randomTree("float32", 1)];
      await on(createWasmExecutor(), create(), theta, "float32", async outer => {
        const { state } = await outer.update(gradient, await outer.init(theta), theta, 1, 0.5),
          before = structuredClone([theta, gradient, state]),
          once = await outer.update(gradient, state, theta, 2, 0.25);
        await outer.update(randomTree("float32", 9), once.state, once.theta, 3, 0.125);
        expect([theta, gradient, state]).toEqual(before);
        expect(await outer.update(gradient, state, theta, 2, 0.25)).toEqual(once);
      });
    });

    promise("goes on with the same bits from a state that was saved, at any step", async () => {
      for (const dtype of dtypes) {
        const whole = (await walk(create(), dtype, { count: 12 })).map(({ theta }) => bitsOf(theta));
        for (const save of [structuredClone<HostTree>, throughText]) {
          const saved = await walk(create(), dtype, { count: 12, between: state => save(state) });
          expect(saved.map(({ theta }) => bitsOf(theta))).toEqual(whole);
        }
      }
    });

    promise("takes a quadratic to its minimum", async () => {
      // ½ Σ aᵢ (θᵢ − cᵢ)² over the leaves, aᵢ in [½, 2].
      const whole = descends ? create() : chain(create(), sgd(0.1)),
        start = randomTree("float64", 0),
        goal = randomTree("float64", 1),
        weight = (i: number) => 0.5 + 1.5 * stream(6, "weight", i).uniform([1]).data[0];
      const zip = (f: (t: number, c: number, i: number) => number, theta: HostTree): HostTree => {
        const goals = leaves(goal);
        let leaf = 0;
        return mapTree(t => {
          const { data } = goals[leaf++];
          return { ...t, data: t.data.map((x, i) => f(x, data[i], i)) };
        }, theta);
      };
      const distance = (theta: HostTree) => Math.hypot(...numbersOf(zip((t, c) => t - c, theta))),
        loss = (theta: HostTree) => numbersOf(zip((t, c, i) => 0.5 * weight(i) * (t - c) ** 2, theta)).reduce((a, b) => a + b);
      await on(createWasmExecutor(), whole, start, "float64", async outer => {
        let [theta, state] = [start as HostTree, await outer.init(start)];
        for (let k = 1; k <= 400; k++)
          ({ theta, state } = await outer.update(
            zip((t, c, i) => weight(i) * (t - c), theta),
            state,
            theta,
            k,
            loss(theta),
          ));
        expect(distance(theta)).toBeLessThan(0.01 * distance(start));
      });
    });

    promise("a step with numbers that are not finite says which and changes nothing", async () => {
      const spoiled = (tree: HostTree, x: number): HostTree => {
        let leaf = 0;
        return mapTree(t => (leaf++ === 2 ? { ...t, data: t.data.map(() => x) } : t), tree);
      };
      for (const dtype of dtypes)
        for (const executor of Object.values(executors))
          await on(executor(), create(), randomTree(dtype, 0), dtype, async outer => {
            const first = randomTree(dtype, 0),
              { theta, state } = await outer.update(randomTree(dtype, 1), await outer.init(first), first, 1, 1),
              gradient = randomTree(dtype, 2);
            const cases = [
              ...[NaN, Infinity, -Infinity].map(x => [gradient, theta, x, stepCodes.loss] as const),
              ...[NaN, Infinity, -Infinity].map(x => [spoiled(gradient, x), theta, 1, stepCodes.gradient] as const),
              [gradient, spoiled(theta, Infinity), 1, stepCodes.theta] as const,
              [spoiled(gradient, NaN), theta, NaN, stepCodes.loss] as const,
            ];
            for (const [g, at, loss, code] of cases) {
              const step = await outer.update(g, state, at, 2, loss);
              expect(step.code).toBe(code);
              expect([bitsOf(step.theta), bitsOf(step.state)]).toEqual([bitsOf(at), bitsOf(state)]);
            }
            expect((await outer.update(gradient, state, theta, 2, 1)).code).toBe(stepCodes.fine);
          });
    });

    promise("reports the length of the gradient that it is given", async () => {
      for (const dtype of dtypes) {
        const [{ gradientNorm }] = await walk(create(), dtype, { count: 1 });
        expect(gradientNorm).toBeCloseTo(Math.hypot(...numbersOf(randomTree(dtype, 1))), 13);
      }
    });

    promise("a leaf without a gradient moves as with a gradient of zero", async () => {
      const missing = new Set([0, 3]),
        theta = randomTree("float64", 0),
        executor = createWasmExecutor(),
        zeroed = (k: number) => {
          let leaf = 0;
          return mapTree(t => (missing.has(leaf++) ? { ...t, data: allocate(t) } : t), randomTree("float64", k));
        };
      const programs = traceOuter(create(), theta, "float64", [1, 2, 4]),
        [init, update] = [executor.compile(programs.init), executor.compile(programs.update)],
        scalar = (data: Float64Array | Int32Array, dtype: "float64" | "int32") => executor.upload({ shape: [], dtype, data });
      let at = leaves(theta).map(array => executor.upload(array)),
        state = init.run(at),
        k = scalar(Int32Array.of(0), "int32"),
        report: Buffer = executor.upload({ shape: [4], dtype: "float64", data: new Float64Array(4) });
      const pace = executor.upload({ shape: [3], dtype: "float64", data: Float64Array.of(0, 0, 1) });
      for (const [i, whole] of (await walk(create(), "float64", { count: 5, gradient: zeroed })).entries()) {
        const present = leaves(randomTree("float64", i + 1)).filter((_, leaf) => !missing.has(leaf)),
          loss = scalar(Float64Array.of(lossAt(i + 1)), "float64");
        const out = update.run([...at, ...state, k, report, ...present.map(array => executor.upload(array)), loss, pace]);
        [at, state, k, report] = [out.slice(0, at.length), out.slice(at.length, -2), out[out.length - 2], out[out.length - 1]];
        expect(executor.read(k).data).toEqual(Int32Array.of(i + 1));
        expect(at.flatMap(leaf => [...executor.read(leaf).data])).toEqual(numbersOf(whole.theta));
      }
      executor.dispose();
    });

    promise("goes by keys, not by their order: of θ, of gradients, and of what it returns", async () => {
      const plain = create(),
        straight = await walk(plain, "float64", { count: 3 });
      const order = fc.array(fc.nat(9), { minLength: 4, maxLength: 4 });
      const property = async (given: number[], returned: number[]) => {
        const other: OuterTransform = {
          name: plain.name,
          init: theta => plain.init(theta),
          update(...args) {
            const { updates, state } = plain.update(...args);
            return { updates: shuffled(updates, returned), state: shuffled(state, returned) };
          },
        };
        const theta = shuffled<HostTree>(randomTree("float64", 0), given),
          gradient = (k: number) => shuffled<HostTree>(randomTree("float64", k), returned);
        for (const [i, step] of (await walk(other, "float64", { count: 3, theta, gradient })).entries()) {
          expect(leavesWithPaths(step.theta).map(([path]) => path)).toEqual(leavesWithPaths(theta).map(([path]) => path));
          const [now, before] = [new Map(leavesWithPaths(step.theta)), new Map(leavesWithPaths(straight[i].theta))];
          // Norms add up in θ's order, so that they agree to rounding.
          for (const [path, { data }] of before)
            for (const [j, x] of data.entries()) expect(Math.abs(now.get(path)!.data[j] - x)).toBeLessThan(1e-14 * (1 + Math.abs(x)));
        }
      };
      await fc.assert(fc.asyncProperty(order, order, property), { numRuns: 10, seed: 4 });
    });

    promise("refuses integers", () => {
      const theta = { n: { shape: [2], dtype: "int32" as const, data: new Int32Array(2) } };
      expect(() => traceOuter(create(), theta, "float32")).toThrow(
        /works on float32 and float64 leaves of θ \(at n\); received int32\[2\]\.$/,
      );
    });
  });
}
