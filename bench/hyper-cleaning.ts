// The figures of docs/hyper-cleaning.md: every estimator on the whole protocol, over seeds, as a Markdown table.
//
//     npx tsx bench/hyper-cleaning.ts [--seeds 1,2,3] [--estimators exact,ufom:adaptive] [--outer-steps 30]
import { parseArgs } from "node:util";
import { createWasmExecutor, parseOuter, solve } from "../src/index.js";
import hyperCleaning from "../cli/src/problems/hyper-cleaning/index.js";
import type { Metrics } from "../cli/src/problems/problem-entry.js";
import type { OptionSpecs, OptionValues } from "../cli/src/problems/option.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1,2,3" },
    estimators: {
      type: "string",
      default: [
        "exact",
        "exact:checkpoint=8",
        "exact:recompute",
        "first-order:mixed",
        "ufom:adaptive",
        "ufom:adaptive:checkpoint=8",
        "ufom:adaptive:checkpoint=8:baseline=truncated:10",
        "ufom:0.1:checkpoint=8",
      ].join(","),
    },
    "outer-steps": { type: "string", default: "" },
  },
});

const defaultsOf = <O extends OptionValues>(specs: OptionSpecs<O>): O =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, (spec as { readonly default: unknown }).default])) as O;

interface Run {
  readonly metrics: Metrics;
  readonly steps: number;
  readonly products: number;
  readonly seconds: number;
  readonly peakStates: number;
  readonly outerSteps: number;
}

async function runOne(estimator: string, seed: number): Promise<Run> {
  const progress = (): void => undefined;
  const { problem, defaults, evaluate } = await hyperCleaning.create(defaultsOf(hyperCleaning.options), { seed, progress });
  const executor = createWasmExecutor();
  const outer = parseOuter(typeof defaults.outer === "string" ? defaults.outer : defaults.outer(estimator));
  const outerSteps = Number(values["outer-steps"]) || defaults.outerSteps;
  const result = await solve(problem, { estimator, outer, outerSteps, seed, executor }).result();
  const metrics = await evaluate!(result.theta, { seed, dtype: "float32", innerSteps: problem.steps, executor, progress });
  executor.dispose();
  const { counts, seconds, peakStates } = result;
  return { metrics, steps: counts.step, products: counts.product, seconds, peakStates, outerSteps: result.outerSteps };
}

const mean = (runs: readonly Run[], of: (run: Run) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
const percent = (x: number): string => `${(100 * x).toFixed(2)} %`;
const whole = (x: number): string => Math.round(x).toLocaleString("en-US");

const columns = [
  "estimator",
  "outer steps",
  "no cleaning",
  "cleaned",
  "oracle",
  "precision",
  "recall",
  "F1",
  "inner steps",
  "products",
  "seconds",
  "states",
];
console.log(`| ${columns.join(" | ")} |\n|${columns.map((_, i) => (i === 0 ? " --- |" : " ---: |")).join("")}`);

const seeds = values.seeds.split(",").map(Number);
for (const estimator of values.estimators.split(",")) {
  const runs: Run[] = [];
  for (const seed of seeds) {
    const run = await runOne(estimator, seed);
    runs.push(run);
    console.error(`${estimator} seed ${seed}: ${JSON.stringify(run)}`);
  }
  const metric = (name: string) => mean(runs, run => run.metrics[name]);
  const cells = [
    `\`${estimator}\``,
    whole(mean(runs, run => run.outerSteps)),
    ...["accuracyNone", "accuracyCleaned", "accuracyOracle"].map(name => percent(metric(name))),
    ...["precision", "recall", "f1"].map(name => metric(name).toFixed(3)),
    whole(mean(runs, run => run.steps)),
    whole(mean(runs, run => run.products)),
    mean(runs, run => run.seconds).toFixed(1),
    whole(Math.max(...runs.map(run => run.peakStates))),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
