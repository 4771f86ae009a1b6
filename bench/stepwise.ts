// npx tsx bench/stepwise.ts: stepwise UFOM on Omniglot (Conv4, one image a class, the mean of the losses, α of the method's authors): the variance that the
// coins add, over V², with the tail of the draws; and the time of an estimate beside first-order's and the exact one's. It needs the 964 characters
// (UFOM_DATA, else ../shared/data). UFOM_BENCH_CLOCK=cpu counts what the process computed, where other work on the machine must not count.
//   --draws N        draws of each scheme (1000), over --tasks T tasks (5)
//   --ways 5,20      with α = 0.025 and 0.1
//   --steps 10,40,100
//   --train S        exact outer steps of Adam before it is measured, in two rows: at the start and after them (100)
//   --schemes A,B    these in place of those for each r
//   --only TEXT      rows that have it in their name; the name is as the first column has it
//   --rounds N       rounds of the times (7)
import { parseArgs } from "node:util";
import {
  adam,
  defineProblem,
  nn,
  parseEstimator,
  solve,
  stream,
  type Estimator,
  type HostArray,
  type HostTree,
  type Problem,
} from "../src/index.js";
import { estimate } from "../src/core/batch/estimate.js";
import { CompiledProblem } from "../src/core/evaluation/compiled-problem.js";
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import { conv4Logits, conv4Shapes } from "./conv4.js";
import { omniglotFile, omniglotIsHere, readOmniglot } from "./omniglot-964.js";
import { quantile } from "./statistics.js";
import { now } from "./timing.js";

const { values } = parseArgs({
  options: {
    draws: { type: "string", default: "1000" },
    tasks: { type: "string", default: "5" },
    ways: { type: "string", default: "5,20" },
    steps: { type: "string", default: "10,40,100" },
    train: { type: "string", default: "100" },
    schemes: { type: "string", default: "" },
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
  },
});
const [draws, tasks, train, rounds] = [values.draws, values.tasks, values.train, values.rounds].map(Number),
  list = (text: string) => text.split(",").map(Number);
if (!omniglotIsHere) throw new Error(`bench/stepwise.ts needs ${omniglotFile} (UFOM_DATA says where).`);
const characters = readOmniglot();

/** α on a mean, at so many ways. */
const rateAt = (ways: number): number => (ways < 20 ? 0.025 : 0.1);

/** Schemes with about the products of a quarter of the steps, and fewer. */
const schemes = (r: number): string[] =>
  values.schemes
    ? values.schemes.split(",")
    : r <= 10
      ? ["ufom:steps=6:first=3", "ufom:steps=5:first=3", "ufom:steps:optimal"]
      : [`ufom:steps=10`, "ufom:steps=10:first=5", "ufom:steps=15:first=5", "ufom:steps:optimal"];

function problemOf(ways: number, steps: number): Problem {
  const images = (first: number, chosen: readonly number[], drawings: readonly number[][]): HostArray => {
    const data = new Float32Array(ways * 1024);
    chosen.forEach((c, way) =>
      data.set(
        Float32Array.from(characters.at(c).image(drawings[way][first]), byte => byte / 255),
        1024 * way,
      ),
    );
    return { shape: [ways, 1, 32, 32], dtype: "float32", data };
  };
  const y: HostArray = { shape: [ways], dtype: "int32", data: Int32Array.from({ length: ways }, (_, way) => way) };
  return defineProblem({
    name: `conv4 ${ways}`,
    theta: random =>
      conv4Shapes(ways).map((shape, i) => {
        const [out, fan] = shape.length === 4 ? [shape[0] * 9, shape[1] * 9] : shape;
        if (shape.length > 1) return random.normal(shape, Math.sqrt(2 / (out + fan)));
        return { shape, dtype: "float32" as const, data: new Float32Array(shape[0]).fill(i % 4 === 2 && i < 16 ? 1 : 0) };
      }),
    task: random => {
      const chosen = [...random.permutation(characters.count).slice(0, ways)],
        drawings = chosen.map(c => [...random.permutation(characters.at(c).count).slice(0, 2)]);
      return { x: images(0, chosen, drawings), query: images(1, chosen, drawings), y };
    },
    init: theta => theta,
    inner: { loss: (_, phi, { x, y }) => nn.crossEntropy(conv4Logits(phi, x), y).mean(), rate: rateAt(ways), steps },
    outer: (_, phi, { query, y }) => nn.crossEntropy(conv4Logits(phi, query), y).mean(),
  });
}

const numbers = (tree: HostTree): number[] =>
  "data" in tree && ArrayBuffer.isView(tree.data)
    ? [...(tree as HostArray).data]
    : Object.values(tree).flatMap(child => numbers(child as HostTree));
const square = (v: readonly number[]): number => v.reduce((sum, x) => sum + x * x, 0);
const difference = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);

/** An executor that keeps θ and tasks, and evaluations there. */
async function pointsOf(problem: Problem, theta: HostTree, steps: number) {
  const given = await Promise.all(Array.from({ length: tasks }, async (_, i) => problem.task(9, 1, i))),
    compiled = new CompiledProblem(
      problem,
      { theta, task: given[0] },
      { executor: createWasmExecutor(), innerSteps: steps, moments: true },
    );
  const at = async (estimator: Estimator, state: never, task: number, draw: number) =>
    estimate(compiled, estimator, theta, { task: given[task], choice: estimator.draw(state, stream(1, "draw", draw, task)) });
  return { compiled, at };
}

const cell = (x: number): string => (Number.isFinite(x) ? Number(x.toPrecision(3)).toString() : `${x}`);
console.log(
  [
    "problem",
    "scheme",
    "products",
    "variance/V²",
    "± (standard error)",
    "median",
    "99 %",
    "worst draw",
    "largest ‖û‖/‖u_r‖",
    "growth",
    "one coin, as many products",
    "states",
    "time of first-order's",
    "time of exact's",
  ].join(" | "),
);

for (const ways of list(values.ways))
  for (const steps of list(values.steps)) {
    const problem = problemOf(ways, steps),
      trained = async () => {
        const run = solve(problem, { estimator: "exact", outer: adam(1e-3), metaBatch: 1, outerSteps: train, seed: 1 });
        return (await run.result()).theta;
      };
    for (const [when, theta] of [
      ["start", async () => problem.theta(1)],
      [`after ${train}`, trained],
    ] as const) {
      if (when !== "start" && train === 0) continue;
      const row = `${ways} ways, α ${rateAt(ways)}, r ${steps}, ${when}`;
      if (!row.includes(values.only)) continue;
      const { compiled, at } = await pointsOf(problem, await theta(), steps),
        first = parseEstimator("first-order"),
        exact = parseEstimator("exact"),
        gradients: number[][] = [];
      let [v2, d2] = [0, 0];
      for (let i = 0; i < tasks; i++) {
        const g = numbers((await at(exact, null as never, i, 0)).gradient);
        gradients.push(g);
        v2 += square(g) / tasks;
        d2 += difference(g, numbers((await at(first, null as never, i, 0)).gradient)) / tasks;
      }
      for (const name of schemes(steps)) {
        const scheme = parseEstimator(name);
        let state = scheme.init(compiled.thetaTree([]), steps) as never;
        // What learns has its pilot first.
        for (let i = 0; scheme.observe && i < 10; i++) state = scheme.observe(state, await at(scheme, state, i % tasks, 1e6 + i)) as never;
        const errors: number[] = [];
        let [products, peak, norm, growth] = [0, 0, 0, 0];
        for (let i = 0; i < draws; i++) {
          const { gradient, counts, peakStates, tail } = await at(scheme, state, i % tasks, 1 + i);
          errors.push(difference(gradients[i % tasks], numbers(gradient)) / v2);
          products += counts.product / draws;
          peak = Math.max(peak, peakStates);
          norm = Math.max(norm, tail!.norm);
          growth = Math.max(growth, tail!.growth);
        }
        const mean = errors.reduce((sum, x) => sum + x, 0) / draws,
          error = Math.sqrt(errors.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, draws - 1) / draws),
          sorted = [...errors].sort((a, b) => a - b),
          oneCoin = (steps / products - 1) * (d2 / v2),
          times: Record<string, number[]> = { first: [], exact: [], scheme: [] };
        for (let round = 0; round < rounds; round++)
          for (const [key, estimator, known] of [
            ["first", first, null],
            ["scheme", scheme, state],
            ["exact", exact, null],
          ] as const) {
            const started = now();
            await at(estimator, known as never, round % tasks, 2e6 + round);
            times[key].push(now() - started);
          }
        const quarter = (key: string) =>
          quantile(
            times[key].sort((a, b) => a - b),
            0.25,
          );
        console.log(
          [
            row,
            scheme.name,
            cell(products),
            cell(mean),
            cell(error),
            cell(quantile(sorted, 0.5)),
            cell(quantile(sorted, 0.99)),
            cell(sorted[draws - 1]),
            cell(norm),
            cell(growth),
            cell(oneCoin),
            `${peak}`,
            cell(quarter("scheme") / quarter("first")),
            cell(quarter("scheme") / quarter("exact")),
          ].join(" | "),
        );
      }
      compiled.dispose();
    }
  }
