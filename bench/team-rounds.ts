// The rounds of `npm run bench:team`, in one process: an outer step by one thread and by several, in turn.
import { createWasmExecutor, adam } from "../src/index.js";
import { solveWith } from "../src/core/solve/solve.js";
import { inlineTeam } from "../src/team/inline.js";
import { threads } from "../src/team/threads.js";
import { spreadOf, type Spread } from "./statistics.js";
import { teamCases, type TeamCase } from "./team-problems.js";

const [only = "", seconds = "20", workers = "2"] = process.argv.slice(2);

/** Steps of a run, one after another. */
function stepsOf({ problem, estimator, tasks }: TeamCase, count: number) {
  const options = { estimator, outer: adam(1e-5), outerSteps: Number.MAX_SAFE_INTEGER, metaBatch: tasks, seed: 1 },
    team = count === 1 ? inlineTeam : threads({ workers: count });
  return solveWith(problem, options, { executor: createWasmExecutor(), team })[Symbol.asyncIterator]();
}

const micro = (s: number) => (s * 1e6).toFixed(0),
  show = ({ median, low, high }: Spread) => `${micro(median)} (${micro(low)}–${micro(high)})`;

console.log(
  `Microseconds an outer step, ${seconds} s a row, in turn; median (middle half). The last column is the ratio of neighbouring rounds, of the fastest ones, and of the fastest hundredth of single steps, which others on the machine disturb least.\n`,
);
console.log(`| work | 1 thread | ${workers} threads | times as fast: median (middle half), of the fastest |`);
console.log("| --- | --- | --- | --- |");
for (const c of teamCases()) {
  if (!c.name.includes(only)) continue;
  const runs = [stepsOf(c, 1), stepsOf(c, Number(workers))],
    samples: number[][] = [[], []],
    steps: number[][] = [[], []],
    losses: unknown[][] = [[], []];
  const round = async (k: number) => {
    const started = performance.now();
    for (let i = 0; i < c.steps; i++) {
      const begun = performance.now(),
        { value } = await runs[k].next();
      steps[k].push(performance.now() - begun);
      losses[k].push(value?.loss);
    }
    return (performance.now() - started) / 1000 / c.steps;
  };
  // Threads start and engines settle meanwhile.
  for (const end = performance.now() + 2000; performance.now() < end;) for (const k of [0, 1]) await round(k);
  for (const end = performance.now() + 1000 * Number(seconds); performance.now() < end;)
    for (const k of [0, 1]) samples[k].push(await round(k));
  for (const run of runs) await run.return?.();
  if (JSON.stringify(losses[0]) !== JSON.stringify(losses[1])) throw new Error(`${c.name}: the losses differ.`);
  const ratios = spreadOf(samples[0].map((t, i) => t / samples[1][i])),
    [one, several] = samples.map(times => Math.min(...times)),
    quartile = samples.map(times => spreadOf(times).low),
    hundredth = steps.map(times => times.sort((a, b) => a - b)[Math.floor(times.length / 100)]);
  console.log(
    `| ${c.name} | ${show(spreadOf(samples[0]))} | ${show(spreadOf(samples[1]))} | ${ratios.median.toFixed(2)} (${ratios.low.toFixed(2)}–${ratios.high.toFixed(2)}), ${(one / several).toFixed(2)} of the fastest, ${(quartile[0] / quartile[1]).toFixed(2)} of lower quartiles, ${(hundredth[0] / hundredth[1]).toFixed(2)} of single steps |`,
  );
}
