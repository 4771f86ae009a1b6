// Breakages that the suite must notice. The text stands exactly once in src/, wherever its file lies; the tests named are enough to notice.

import { machine } from "./machine.mjs";
import { passes } from "./passes.mjs";

/**
 * @typedef {{ what: string, text: string, by: string, tests: readonly string[] }} Mutation
 */

const operations = ["test/conformance/operations.test.ts"],
  onExecutors = ["test/conformance/operations-executors.test.ts"],
  wasm = ["test/executors/wasm.test.ts", ...onExecutors],
  product = ["test/executors/wasm-matmul.test.ts", ...onExecutors],
  gradients = ["test/core/exact-closed-forms.test.ts", "test/core/exact-whole-loop.test.ts"],
  outer = ["test/conformance/outer.test.ts", "test/core/outer.test.ts"];

/** @type {Readonly<Record<string, readonly Mutation[]>>} */
export const mutations = {
  core: [
    ...machine,
    {
      what: "the inner step climbs",
      text: "tree.map((p, d) => p.sub(d), x.phi, move)",
      by: "tree.map((p, d) => p.add(d), x.phi, move)",
      tests: gradients,
    },
    {
      what: "the sign of a step's product",
      text: "return kept(x, u).sub(descentProduct(spec, theta, x, task, j, u));",
      by: "return kept(x, u).add(descentProduct(spec, theta, x, task, j, u));",
      tests: gradients,
    },
    {
      what: "truncated goes a step too far",
      text: "reverseSweep(Math.min(depth, r))",
      by: "reverseSweep(Math.min(depth + 1, r))",
      tests: ["test/core/truncated-closed-form.test.ts"],
    },
    {
      what: "UFOM forgets to divide by q",
      text: "wide(x).add(wide(t[i]).sub(wide(x)).div(q))",
      by: "wide(x).add(wide(t[i]).sub(wide(x)))",
      tests: ["test/core/ufom-unbiased.test.ts"],
    },
    {
      what: "the moments of UFOM add where they subtract",
      text: "wide(x).sub(wide(b[i])));",
      by: "wide(x).add(wide(b[i])));",
      tests: ["test/core/probability.test.ts"],
    },
    { what: "adaptive forgets nothing", text: "decay * old + x", by: "old + x", tests: ["test/core/probability.test.ts"] },
    {
      what: "checkpoint keeps one state more than it may",
      text: "const free = snapshots - kept.length;",
      by: "const free = snapshots - kept.length + 1;",
      tests: ["test/core/memory.test.ts"],
    },
    {
      what: "checkpoint keeps states in the wrong places",
      text: "j - 1 : at + nextSnapshot(j - at, free + 1)",
      by: "j - 1 : at + 1",
      tests: ["test/core/memory.test.ts"],
    },
    {
      what: "store reports a state too many",
      text: "peakStates: to - from,",
      by: "peakStates: to - from + 1,",
      tests: ["test/conformance/memory.test.ts"],
    },
    {
      what: "recompute starts one step late",
      text: "advance(walk, start, from, j - 1), j)",
      by: "advance(walk, start, from, j), j)",
      tests: ["test/conformance/memory.test.ts"],
    },
    {
      what: "replay visits a step twice",
      text: "await walk.visit(held, j);",
      by: "await walk.visit(held, j - 1);",
      tests: ["test/conformance/memory.test.ts"],
    },
    { what: "a mean is a sum", text: "data[k] = sums[k] / parts.length;", by: "data[k] = sums[k];", tests: ["test/core/seeds.test.ts"] },
    {
      what: "all tasks of a meta-batch are one",
      text: `given(stream(seed, "task", step, index))`,
      by: `given(stream(seed, "task", step, 0))`,
      tests: ["test/core/seeds.test.ts"],
    },
    {
      what: "θ₀ ignores the seed",
      text: `const random = stream(seed, "theta");`,
      by: `const random = stream(1, "theta");`,
      tests: ["test/core/seeds.test.ts"],
    },
    {
      what: "gradients asked for at once share a place",
      text: "if (slot.users > 0) continue;",
      by: "if (slot.users < 0) continue;",
      tests: ["test/core/at-once.test.ts"],
    },
    {
      what: "the generator turns by other bits",
      text: "this.#d = rotate(this.#d, 11);",
      by: "this.#d = rotate(this.#d, 12);",
      tests: ["test/core/random.test.ts"],
    },
    {
      what: "whole numbers favour small ones",
      text: "const end = 2 ** 32 - (2 ** 32 % below);",
      by: "const end = 2 ** 32;",
      tests: ["test/core/random.test.ts"],
    },
    {
      what: "a permutation leaves the last in its place",
      text: "for (let i = n - 1; i > 0; i--) {\n      const j = this.integer(i + 1);",
      by: "for (let i = n - 1; i > 0; i--) {\n      const j = this.integer(i);",
      tests: ["test/core/random.test.ts"],
    },
  ],
  theory: [
    {
      what: "the bound on the bias leaves out the start",
      text: "return (1 + m1) * l1 * growth(regularity);",
      by: "return l1 * growth(regularity);",
      tests: ["test/core/theory.test.ts"],
    },
    {
      what: "the best probability without its middle term",
      text: "(1 - p) * rnd * d2, p * det * d2]",
      by: "0, p * det * d2]",
      tests: ["test/core/theory-optimal-probability.test.ts"],
    },
  ],
  "tensor rules": [
    { what: "the derivative of the cosine", text: "x => minus(sine(x))", by: "x => sine(x)", tests: operations },
    {
      what: "the pull-back of a quotient",
      text: "return [share, share.mul(y).neg()];",
      by: "return [share, share.mul(y)];",
      tests: operations,
    },
    {
      what: "the push-forward of a product of matrices",
      text: "plus(s && product(s, b), t && product(a, t))",
      by: "plus(s && product(s, b), null)",
      tests: operations,
    },
    {
      what: "ties of maxima count twice",
      text: "where(equal(a, b), literal(0.5, a), literal(0, a))",
      by: "where(equal(a, b), literal(1, a), literal(0, a))",
      tests: operations,
    },
    {
      what: "a mapped sum over another axis",
      text: "apply(op, [x], { axes: y.params.axes.map(a => a + 1) })",
      by: "apply(op, [x], { axes: y.params.axes })",
      tests: ["test/conformance/operations-vmap.test.ts"],
    },
    {
      what: "threefry turns by other distances",
      text: "[17, 29, 16, 24],",
      by: "[17, 29, 16, 25],",
      tests: ["test/tensor/random.test.ts"],
    },
  ],
  passes,
  "wasm kernels": [
    {
      what: "map leaves the last element",
      text: "if (whole * width < n)\n      overRuns(f, [{ from: whole * width, to: n, by: n - whole * width }]",
      by: "if (whole * width < n - 1)\n      overRuns(f, [{ from: whole * width, to: n, by: n - whole * width }]",
      tests: wasm,
    },
    {
      what: "reduce: what masks the rest of a vector",
      text: "(_, i) => (i < bytes ? 255 : 0))).simd(simd.select)",
      by: "(_, i) => (i <= bytes ? 255 : 0))).simd(simd.select)",
      tests: wasm,
    },
    {
      what: "products along the inner axis leave the rest",
      text: "if (depth % width) multiplyRows(depth % width);",
      by: "if (depth % width > 1) multiplyRows(depth % width);",
      tests: product,
    },
    { what: "products by rows leave the last columns", text: "if (end < final.to)", by: "if (end < final.to - width)", tests: product },
    {
      what: "blocked products: the panel's last vector",
      text: "j === wide - 1 ? count : width,",
      by: "j === wide - 1 ? Math.min(count, 1) : width,",
      tests: product,
    },
    {
      what: "sliced products start from what was there",
      text: "  fillZero(code, kernel.root);\n  overRuns(f, pieces, index, axis, steps => {",
      by: "  overRuns(f, pieces, index, axis, steps => {",
      tests: ["test/executors/wasm-conv.test.ts"],
    },
    {
      what: "transposing exchanges the wrong rows",
      text: "pairs(2, 3, [0, 4, 1, 5], [2, 6, 3, 7]);",
      by: "pairs(3, 2, [0, 4, 1, 5], [2, 6, 3, 7]);",
      tests: wasm,
    },
    {
      what: "sorting puts NaN anywhere",
      text: ".get(later).get(later).op(equal).op(AND, OR)",
      by: ".get(later).get(later).op(equal).op(AND, AND)",
      tests: ["test/executors/wasm-sort.test.ts"],
    },
    {
      what: "solving goes the other way",
      text: "forwards = lower !== transpose;\n    const [step, k,",
      by: "forwards = lower === transpose;\n    const [step, k,",
      tests: ["test/tensor/linalg.test.ts"],
    },
    {
      what: "scattering adds to what was there",
      text: `      fillZero(code, root);\n      emitIndexed(code, root, "scatter");`,
      by: `      emitIndexed(code, root, "scatter");`,
      tests: onExecutors,
    },
    {
      what: "joining parts leaves gaps as they were",
      text: "if (!root.covered) fillZero(code, root);",
      by: "",
      tests: ["test/executors/wasm-used-memory.test.ts"],
    },
  ],
  "outer transforms": [
    { what: "sgd climbs", text: "descend(gamma(step), gradient)", by: "descend(-1, gradient)", tests: outer },
    { what: "momentum forgets", text: "x.mul(beta).add(g)", by: "x.mul(1 - beta).add(g)", tests: outer },
    { what: "Adam without its correction", text: "unbiased(m, firstDecay)", by: "m", tests: outer },
    { what: "clipping by norm leaves what is long", text: "norm.lessEqual(maxNorm)", by: "norm.greaterEqual(maxNorm)", tests: outer },
    {
      what: "linear schedules are one step ahead",
      text: "k.sub(1).minimum(steps).div(steps)",
      by: "k.minimum(steps).div(steps)",
      tests: outer,
    },
  ],
  command: [
    {
      what: "the second Ctrl-C waits",
      text: "      quit();\n      process.exit(exitCode.failed);",
      by: "      quit();",
      tests: ["test/cli/run.test.ts"],
    },
    {
      what: "a range of seeds lacks the last",
      text: "Array.from({ length: to - from + 1 }, (_, i) => from + i)",
      by: "Array.from({ length: to - from }, (_, i) => from + i)",
      tests: ["test/cli/commands.test.ts"],
    },
    {
      what: "zero is a positive number",
      text: "Number.isFinite(x) && x > 0 ? x :",
      by: "Number.isFinite(x) && x >= 0 ? x :",
      tests: ["test/cli/bad-input.test.ts"],
    },
    {
      what: "budgets of seconds are not passed on",
      text: "...(budgetSeconds === undefined ? {} : { seconds: budgetSeconds }),",
      by: "",
      tests: ["test/cli/run.test.ts"],
    },
  ],
};
