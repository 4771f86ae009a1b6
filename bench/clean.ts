// How well each method of `cli/src/cleaning/` finds wrong labels: pixels of MNIST and Fashion-MNIST, and four tables.
//
//     npm run bench:clean -- [--small] [--rows 5000] [--trusted 500] [--test 2000] [--seeds 1,2,3] [--data mnist,fashion-mnist,letters,satellite,dna,spam]
//                            [--noise symmetric,asymmetric,instance] [--rates 0.1,0.3,0.5] [--methods auto,…] [--pool 2] [--share] [--json]
//     npm run bench:clean -- --from cells.jsonl,more.jsonl
//
// Where the data come from says docs/data.md. With --json each line is one cell, of which --from makes the tables again; otherwise Markdown. `--trusted 0` cleans without trusted rows. `--pool 2`
// takes means of 2 × 2 pixels. With `--share` the methods of a cell share the classifiers that they all need: sooner done, and the seconds are then of
// what each adds. Accuracy is that of a classifier trained without the suspects, on `--test` other rows; beside it stand `none`, trained on all rows,
// and `oracle`, without the rows that are wrong. `--small`: 1,000 rows, 200 trusted, one seed, pool 2, share.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createWasmExecutor } from "../src/index.js";
import { Trainer } from "../cli/src/cleaning/classifier.js";
import { cleanWith } from "../cli/src/cleaning/clean.js";
import { plainEvidence } from "../cli/src/cleaning/cross-fit.js";
import { fitsOf } from "../cli/src/cleaning/fits.js";
import { methodNames } from "../cli/src/cleaning/methods/index.js";
import { averagePrecision, calibrationError, f1Score } from "../cli/src/cleaning/metrics.js";
import { argmax } from "../cli/src/cleaning/numbers.js";
import { draw, sources } from "./clean-data.js";
import { confusedWith, noiseKinds, withNoise } from "./clean-noise.js";
import type { NoiseKind } from "./clean-noise.js";
import { summary } from "./clean-summary.js";
import type { Cell } from "./clean-summary.js";

const { values } = parseArgs({
  options: {
    small: { type: "boolean", default: false },
    rows: { type: "string" },
    trusted: { type: "string" },
    test: { type: "string", default: "2000" },
    seeds: { type: "string" },
    data: { type: "string", default: Object.keys(sources).join(",") },
    noise: { type: "string", default: noiseKinds.join(",") },
    rates: { type: "string", default: "0.1,0.3,0.5" },
    methods: { type: "string", default: methodNames.join(",") },
    pool: { type: "string" },
    share: { type: "boolean" },
    json: { type: "boolean", default: false },
    from: { type: "string" },
  },
});
if (values.from !== undefined) {
  const lines = values.from.split(",").flatMap(file => readFileSync(file, "utf8").trim().split("\n"));
  console.log(summary(lines.map(line => JSON.parse(line) as Cell)));
  process.exit();
}
const sizes = {
    rows: Number(values.rows ?? (values.small ? 1000 : 5000)),
    trusted: Number(values.trusted ?? (values.small ? 200 : 500)),
    test: Number(values.test),
  },
  pool = Number(values.pool ?? (values.small ? 2 : 1)),
  share = values.share ?? values.small,
  seeds = (values.seeds ?? (values.small ? "1" : "1,2,3")).split(",").map(Number);

const columns = [
  "data",
  "noise",
  "rate",
  "seed",
  "method",
  "wrong",
  "P",
  "R",
  "F1",
  "AP",
  "ECE",
  "counted (95 %)",
  "suggestion right",
  "accuracy",
  "none",
  "oracle",
  "s",
];
if (!values.json) console.log(`| ${columns.join(" | ")} |\n|${columns.map((_, i) => (i < 5 ? " --- |" : " ---: |")).join("")}`);
const show = (cell: Cell): string => {
  const [value, low, high] = cell.counted.map(x => Math.round(x));
  const numbers = [cell.precision, cell.recall, cell.f1, cell.averagePrecision, cell.calibrationError].map(x => x.toFixed(3));
  const [data, noise, rate, seed, method, wrong] = [cell.data, cell.noise, cell.rate, cell.seed, cell.method, cell.wrong];
  const last = [
    `${value} (${low} … ${high})`,
    ...[cell.suggested, cell.accuracy, cell.none, cell.oracle].map(x => x.toFixed(3)),
    cell.seconds.toFixed(1),
  ];
  return `| ${[data, noise, rate, seed, method, wrong, ...numbers, ...last].join(" | ")} |`;
};

const cells: Cell[] = [];
for (const name of values.data.split(",")) {
  const load = sources[name];
  if (!load) throw new Error(`bench/clean.ts: --data must be of ${Object.keys(sources).join(", ")}; received ${name}`);
  const source = await load(pool);
  if (typeof source === "string") {
    console.error(source);
    continue;
  }
  for (const kind of values.noise.split(",") as NoiseKind[]) {
    if (!noiseKinds.includes(kind)) throw new Error(`bench/clean.ts: --noise must be of ${noiseKinds.join(", ")}; received ${kind}`);
    for (const rate of values.rates.split(",").map(Number)) {
      for (const seed of seeds) {
        const executor = createWasmExecutor(),
          [data, trusted, test] = draw(source, sizes, seed),
          given = await withNoise(data, kind, rate, confusedWith[name], seed, executor),
          wrong = given.map((label, i) => Number(label !== data.labels[i]));
        const some = { rows: { features: data.features, labels: given }, width: data.width, classes: data.classes },
          input = sizes.trusted > 0 ? { ...some, trusted } : some,
          shared = fitsOf(input, { seed, executor });
        const base = await shared.base(),
          trainer = new Trainer(base.architecture, { width: data.width, classes: data.classes, rows: given.length }, executor),
          evidence = plainEvidence(given, data.classes),
          asked = Int32Array.from(test.labels.keys());
        const accuracyOf = async (left: (row: number) => boolean): Promise<number> => {
          const learned = Int32Array.from(given.keys()).filter(row => !left(row)),
            [weights] = await trainer.train({ features: data.features, evidence, rows: learned }, [base.steps], seed),
            logP = await trainer.predict(weights, test.features, asked);
          return asked.filter(row => argmax(logP, row * data.classes, data.classes) === test.labels[row]).length / asked.length;
        };
        const none = await accuracyOf(() => false),
          oracle = await accuracyOf(row => wrong[row] === 1);
        for (const method of values.methods.split(",")) {
          const began = performance.now(),
            found = await cleanWith(share ? shared : fitsOf(input, { seed, executor }), method),
            seconds = (performance.now() - began) / 1000;
          const called = Array.from(found.suspect.keys()).filter(i => found.suspect[i] && wrong[i]);
          const cell: Cell = {
            ...{ data: name, noise: kind, rate, seed, method },
            wrong: wrong.reduce((a, b) => a + b, 0),
            ...f1Score(found.suspect, wrong),
            averagePrecision: averagePrecision(
              found.rank.reduce((score, rank, i) => score.fill(-rank, i, i + 1), new Float64Array(given.length)),
              wrong,
            ),
            calibrationError: calibrationError(found.pWrong, wrong),
            counted: [found.wrong.value, found.wrong.low, found.wrong.high],
            suggested: called.filter(i => found.suggested[i] === data.labels[i]).length / Math.max(called.length, 1),
            accuracy: await accuracyOf(row => found.suspect[row] === 1),
            none,
            oracle,
            seconds,
            reason: found.reason,
          };
          cells.push(cell);
          console.log(values.json ? JSON.stringify(cell) : show(cell));
          if (method === "auto") console.error(`${name}, ${kind} ${rate}, seed ${seed}: ${cell.reason}`);
        }
        executor.dispose();
      }
    }
  }
}

if (!values.json && cells.length > 0) console.log(`\n${summary(cells)}`);
