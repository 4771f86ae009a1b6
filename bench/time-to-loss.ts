// npx tsx bench/time-to-loss.ts FOLDER: how long each estimator of a finished comparison (`ufom compare … --out FOLDER`) took to the outer loss that
// one of them ended with, as a part of that one's time; seed by seed, as all estimators of a seed see the same tasks.
//   --beside NAME    the estimator whose loss and time count (exact)
//   --window N       outer steps whose mean is the loss at their last (50)
//   --from PART      the level is what `--beside` had at this part of its steps (1, its end)
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { spreadOf } from "./statistics.js";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      beside: { type: "string", default: "exact" },
      window: { type: "string", default: "50" },
      from: { type: "string", default: "1" },
    },
  }),
  [window, from] = [values.window, values.from].map(Number),
  [folder] = positionals;
if (!folder || !(window >= 1) || !(from > 0 && from <= 1))
  throw new Error("Usage: npx tsx bench/time-to-loss.ts FOLDER [--beside exact] [--window 50] [--from 1]");

interface Step {
  readonly loss: number;
  readonly seconds: number;
  readonly peakStates: number;
}
interface Run {
  readonly estimator: string;
  readonly seed: number;
  readonly steps: readonly Step[];
  /** Means of the losses of so many steps up to each; absent before there are so many. */
  readonly means: readonly (number | undefined)[];
}

function read(run: string): Run {
  const { estimator, seed } = JSON.parse(readFileSync(join(run, "result.json"), "utf8")) as Run,
    lines = readFileSync(join(run, "metrics.jsonl"), "utf8").trimEnd().split("\n"),
    steps = lines.map(text => JSON.parse(text) as Step),
    sums = [0];
  for (const { loss } of steps) sums.push(sums.at(-1)! + loss);
  const means = steps.map((_, i) => (i + 1 < window ? undefined : (sums[i + 1] - sums[i + 1 - window]) / window));
  return { estimator, seed, steps, means };
}

const runs = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => read(join(folder, name))),
  names = [...new Set(runs.map(({ estimator }) => estimator))],
  seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);

/** The first step whose mean is at most a level. */
const reached = ({ steps, means }: Run, level: number): Step | undefined =>
  steps[means.findIndex(mean => mean !== undefined && mean <= level)];
const cell = (x: number | undefined): string => (x === undefined ? "not reached" : x.toPrecision(3));

console.log(`| estimator | time to ${values.beside}'s loss, of its time | each seed | a step, ms | most states | loss at its end |`);
console.log("| --- | --- | --- | --- | --- | --- |");
for (const name of names) {
  const parts = seeds.map(seed => {
      const other = runs.find(run => run.seed === seed && run.estimator === values.beside),
        own = runs.find(run => run.seed === seed && run.estimator === name);
      if (!other || !own) throw new Error(`${folder} has no run of ${other ? name : values.beside} with seed ${seed}.`);
      const level = other.means[Math.ceil(from * other.means.length) - 1];
      if (level === undefined) throw new Error(`${values.beside}, seed ${seed}, has fewer than ${window} steps there.`);
      const time = reached(own, level)?.seconds,
        whole = reached(other, level)!.seconds;
      return time === undefined ? undefined : time / whole;
    }),
    own = runs.filter(run => run.estimator === name),
    known = parts.filter(part => part !== undefined);
  console.log(
    `| \`${name}\` | ${known.length < parts.length ? "not in all seeds" : cell(spreadOf(known).median)} | ${parts.map(cell).join(", ")} | ${cell(
      spreadOf(own.map(({ steps }) => (1000 * (steps.at(-1)!.seconds - steps[0].seconds)) / (steps.length - 1))).median,
    )} | ${Math.max(...own.flatMap(({ steps }) => steps.map(({ peakStates }) => peakStates)))} | ${own.map(({ means }) => cell(means.at(-1))).join(", ")} |`,
  );
}
