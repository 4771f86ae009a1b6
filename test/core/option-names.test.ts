import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as fc from "../support/fast-check.js";
import { describe, expect, test } from "vitest";
import {
  adam,
  adamw,
  adaptive,
  adaptiveAsReleased,
  adaptiveSteps,
  biasBound,
  convergenceBound,
  createReferenceExecutor,
  createWasmExecutor,
  diagnose,
  evenSteps,
  evolutionStrategies,
  exact,
  expectedCost,
  firstOrder,
  forward,
  head,
  hypergradient,
  implicit,
  adapt,
  addDecayedWeights,
  optimizers,
  warmupCosine,
  momentBound,
  momentum,
  np,
  optimal,
  optimalProbability,
  optimalStepProbabilities,
  optimalSteps,
  reduceOnPlateau,
  reverseSweep,
  scaledBaseline,
  scaledDifference,
  sgd,
  solve,
  stepwiseCost,
  store,
  sweepEstimator,
  truncated,
  ufom,
} from "../../src/index.js";
import { defaultsOf } from "../../cli/src/user-module/defaults.js";
import { editDistance } from "../../src/tensor/nearest.js";
import { define, inner, ownStep } from "../support/bad-problems.js";
import { languageTakers, type Taker } from "../support/option-takers.js";
import { initialization } from "../support/problems.js";

const { problem } = initialization;
const x = np.ones([2, 2]),
  bounds = { l1: 1, l2: 1, m1: 1, rate: 0.1, steps: 1 },
  moments = { target: 1, inner: 1, baseline: 1 };

const takers: readonly Taker[] = [
  ...languageTakers,
  { who: "warmupCosine", keys: ["from", "to"], call: o => warmupCosine(1, 2, 5, o) },
  { who: "addDecayedWeights", keys: ["decayed"], call: o => addDecayedWeights(0.1, o) },
  { who: "optimizers.sgd", keys: ["rate"], good: { rate: 0.1 }, call: o => optimizers.sgd(o) },
  { who: "optimizers.momentum", keys: ["rate", "momentum"], good: { rate: 0.1 }, call: o => optimizers.momentum(o) },
  { who: "optimizers.adam", keys: ["rate", "beta1", "beta2", "epsilon"], good: { rate: 0.1 }, call: o => optimizers.adam(o) },
  {
    who: "adapt",
    keys: ["theta", "task", "innerSteps", "states", "losses", "seed", "dtype", "signal", "executor"],
    call: o => adapt(problem, o),
  },
  { who: "adam", keys: ["beta1", "beta2", "epsilon"], call: o => adam(0.1, o) },
  { who: "adamw", keys: ["beta1", "beta2", "epsilon", "weightDecay"], call: o => adamw(0.1, o) },
  { who: "momentum", keys: ["nesterov"], call: o => momentum(0.1, 0.9, o) },
  {
    who: "reduceOnPlateau",
    keys: ["factor", "patience", "rtol", "atol", "cooldown", "accumulationSize", "minScale"],
    call: o => reduceOnPlateau(o),
  },
  { who: "es", keys: ["sigma"], call: o => evolutionStrategies(2, o) },
  { who: "forward", keys: ["block"], call: o => forward(o) },
  { who: "implicit", keys: ["solver", "iterations", "tolerance"], good: { solver: "cg", iterations: 2 }, call: o => implicit(o) },
  { who: "first-order", keys: ["mixed", "memory"], call: o => firstOrder(o) },
  { who: "head", keys: ["tail", "memory"], call: o => head(2, o) },
  { who: "ufom", keys: ["baseline", "target", "scale"], call: o => ufom(0.1, o) },
  { who: "adaptive", keys: ["p", "qMin", "costs", "decay"], call: o => adaptive(o) },
  { who: "optimal", keys: ["p", "qMin", "costs", "pilot"], call: o => optimal(o) },
  { who: "evenSteps", keys: ["first"], call: o => evenSteps(3, o) },
  { who: "adaptiveSteps", keys: ["kappa", "pMin", "blocks", "pilot", "decay"], call: o => adaptiveSteps(o) },
  { who: "optimalSteps", keys: ["kappa", "pMin", "blocks", "pilot"], call: o => optimalSteps(o) },
  { who: "stepwiseCost", keys: ["det", "product"], good: { det: 1, product: 1 }, call: o => stepwiseCost(o, [0.5]) },
  {
    who: "optimalStepProbabilities",
    keys: ["det", "product", "v2", "a2", "least"],
    good: { det: 1, product: 1, v2: 1, a2: [1] },
    call: o => optimalStepProbabilities(o),
  },
  { who: "adaptive:as-released", keys: ["r"], call: o => adaptiveAsReleased(o) },
  {
    who: "sweepEstimator",
    keys: ["name", "bias", "memory", "sweep", "check"],
    good: { name: "own", bias: "none", memory: store, sweep: reverseSweep },
    call: o => sweepEstimator(o),
  },
  { who: "createWasmExecutor", keys: ["native"], call: o => createWasmExecutor(o) },
  { who: "createReferenceExecutor", keys: [], call: o => createReferenceExecutor(o) },
  {
    who: "hypergradient",
    keys: ["tasks", "metaBatch", "estimator", "seed", "dtype", "theta", "task", "innerSteps", "executor"],
    call: o => hypergradient(problem, o),
  },
  {
    who: "diagnose",
    keys: [
      "candidates",
      "outerSteps",
      "points",
      "tasks",
      "precision",
      "loopSteps",
      "memory",
      "budget",
      "seed",
      "dtype",
      "clock",
      "metasmoothness",
      "executor",
    ],
    good: { tasks: 2, clock: false },
    call: o => diagnose(problem, o),
  },
  { who: "diagnose's budget", keys: ["seconds", "evaluations"], call: o => diagnose(problem, { tasks: 2, budget: o }) },
  {
    who: "solve",
    keys: [
      "estimator",
      "outer",
      "outerSteps",
      "metaBatch",
      "seed",
      "dtype",
      "innerSteps",
      "theta",
      "budget",
      "signal",
      "resume",
      "progress",
      "executor",
    ],
    good: { estimator: "exact", outer: sgd(1), outerSteps: 1 },
    call: o => solve(problem, o),
  },
  {
    who: "solve's budget",
    keys: ["seconds", "evaluations"],
    call: o => solve(problem, { estimator: "exact", outer: sgd(1), outerSteps: 1, budget: o }),
  },
  { who: "defineProblem", keys: ["name", "theta", "task", "init", "inner", "outer"], call: o => define(o) },
  { who: "inner", keys: ["loss", "rate", "steps", "state", "step"], call: o => inner(o) },
  { who: "biasBound", keys: Object.keys(bounds), good: bounds, call: o => biasBound(o) },
  { who: "momentBound", keys: Object.keys(bounds), good: bounds, call: o => momentBound(o) },
  {
    who: "convergenceBound",
    keys: ["gap", "smoothness", "secondMoment", "rate", "steps"],
    good: { gap: 1, smoothness: 1, secondMoment: 1, rate: 0.1, steps: 2 },
    call: o => convergenceBound(o),
  },
  { who: "expectedCost", keys: ["det", "rnd"], good: { det: 1, rnd: 1 }, call: o => expectedCost(o, 0.5) },
  {
    who: "optimalProbability",
    keys: ["det", "rnd", "v2", "d2", "p", "one", "qMin"],
    good: { det: 1, rnd: 1, v2: 1, d2: 1, p: 1 },
    call: o => optimalProbability(o),
  },
  { who: "scaledBaseline", keys: ["target", "inner", "baseline", "difference", "scale"], good: moments, call: o => scaledBaseline(o) },
  {
    who: "scaledDifference",
    keys: ["target", "inner", "baseline", "difference", "scale"],
    good: moments,
    call: o => scaledDifference(o, 1),
  },
  {
    who: "the defaults of a.ts",
    keys: ["estimator", "outer", "outerSteps", "metaBatch", "dtype", "compare"],
    call: o => defaultsOf("a.ts", o),
  },
  {
    who: "the defaults of a.ts for compare",
    keys: ["estimators", "seeds", "evaluations"],
    good: { estimators: [] },
    call: o => defaultsOf("a.ts", { compare: o }),
  },
];

const sentenceOf = async (call: () => unknown): Promise<string> => {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe.each(takers)("$who", ({ who, keys, good = {}, call }) => {
  test("takes what it takes", async () => {
    expect(await sentenceOf(() => call(good as never))).toBe("accepted");
  });

  test("refuses every other key, whatever it is called and has", async () => {
    const names = fc
      .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 })
      .filter(name => !keys.includes(name) && name !== "__proto__");
    await fc.assert(
      fc.asyncProperty(names, fc.constantFrom(undefined, 1, true, "text", null), async (name, value) => {
        const said = await sentenceOf(() => call({ ...good, [name]: value } as never));
        expect(said.startsWith(`ufom: ${who} takes `), said).toBe(true);
        expect(said).toContain(`received ${name}`);
        for (const key of keys) expect(said).toContain(key);
      }),
      { seed: 3, numRuns: 25 },
    );
  });

  test.each(keys.filter(key => key.length > 2))("names %s to who misspells it", async key => {
    const swapped = key.slice(0, -2) + key.slice(-1) + key.slice(-2, -1),
      wrong = [`${key}s`, key.slice(0, -1), swapped === key ? `${key}x` : swapped, key.toUpperCase()];
    for (const name of wrong.filter(word => !keys.includes(word))) {
      const [, said = ""] = /\(did you mean (\w+)\?\)/.exec(await sentenceOf(() => call({ ...good, [name]: 1 } as never))) ?? [];
      // `beta` is as near to `beta1` as to `beta2`.
      expect(keys, name).toContain(said);
      expect(said.startsWith(name) || editDistance(said, name) <= editDistance(key, name) || said === key, `${name}: ${said}`).toBe(true);
    }
  });

  // The two that are spread into a specification are whole objects in bad-specification.test.ts.
  test.each(["defineProblem", "inner"].includes(who) ? [] : [1, "text", true, null, [1]])("refuses %j in place of options", async given => {
    expect(await sentenceOf(() => call(given as never))).toMatch(/^ufom: /);
  });
});

test("what has no options of a kind says so", async () => {
  expect(await sentenceOf(() => createReferenceExecutor({ memory: 1 } as never))).toBe(
    "ufom: createReferenceExecutor takes no options; received memory.",
  );
  expect(await sentenceOf(() => x.sum(1, { keepDims: true } as never))).toBe(
    "ufom: sum takes the options keepdims (did you mean keepdims?); received keepDims.",
  );
});

test("both forms of an inner loop in one are refused", async () => {
  expect(await sentenceOf(() => inner({ state: () => ({}) }))).toContain("not both");
  expect(await sentenceOf(() => ownStep((_: unknown, at: object) => at))).not.toContain("takes the keys");
});

test("objects in the place of a memory strategy or a probability are refused", async () => {
  expect(await sentenceOf(() => exact({ memory: store } as never))).toMatch(/^ufom: exact takes a memory strategy/);
  expect(await sentenceOf(() => truncated(2, "store" as never))).toMatch(/^ufom: truncated takes a memory strategy/);
  expect(await sentenceOf(() => ufom("0.1" as never))).toMatch(/^ufom: ufom takes a probability q/);
  expect(await sentenceOf(() => ufom({ q: 0.1 } as never))).toMatch(/^ufom: ufom takes a probability q/);
});

test("no options without their list of keys", async () => {
  const root = fileURLToPath(new URL("../../src/", import.meta.url)),
    files = (await readdir(root, { recursive: true })).filter(file => /^(tensor|core|executors|files)\b.*\.ts$/.test(file)),
    text = (await Promise.all(files.map(file => readFile(root + file, "utf8")))).join("\n"),
    found = [...text.matchAll(/interface (\w+Options)\b/g)].map(([, name]) => name);
  expect(found.length).toBeGreaterThan(15);
  // What the public functions hand on, not what a user writes.
  const inside = ["CompileOptions"];
  const known = (name: string) => new RegExp(`(KeysOf|checkOptions)<${name}\\b`).test(text);
  expect(found.filter(name => !inside.includes(name) && !known(name))).toEqual([]);
});
