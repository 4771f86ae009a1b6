// How well each method of `cli/src/cleaning/` finds wrong labels, on pixels of MNIST and Fashion-MNIST.
//
//     npm run bench:clean -- [--small] [--rows 5000] [--trusted 500] [--seeds 1,2,3] [--data mnist,fashion-mnist]
//                            [--noise symmetric,asymmetric,instance] [--rates 0.1,0.3,0.5] [--methods auto,…] [--pool 2] [--share] [--json]
//
// Fashion-MNIST is read from the folder fashion-mnist in what UFOM_DATA names, else from /usr/share/datasets/fashion-mnist. With --json each line is one
// cell; otherwise Markdown. `--trusted 0` cleans without trusted rows. `--pool 2` takes means of 2 × 2 pixels. With `--share` the methods of a cell share
// the classifiers that they all need: sooner done, and the seconds are then of what each adds. `--small`: 1,000 rows, 200 trusted, one seed, both of these.
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { createWasmExecutor, stream } from "../src/index.js";
import { cleanWith } from "../cli/src/cleaning/clean.js";
import { fitsOf } from "../cli/src/cleaning/fits.js";
import { methodNames } from "../cli/src/cleaning/methods/index.js";
import { averagePrecision, calibrationError, f1Score } from "../cli/src/cleaning/metrics.js";
import type { Digits } from "../cli/src/datasets/mnist.js";
import { loadIdxParts, loadMnist } from "../cli/src/datasets/mnist.js";
import { confusedWith, noiseKinds, withNoise } from "./clean-noise.js";
import type { Clean, NoiseKind } from "./clean-noise.js";

const { values } = parseArgs({
  options: {
    small: { type: "boolean", default: false },
    rows: { type: "string" },
    trusted: { type: "string" },
    seeds: { type: "string" },
    data: { type: "string", default: "mnist,fashion-mnist" },
    noise: { type: "string", default: noiseKinds.join(",") },
    rates: { type: "string", default: "0.1,0.3,0.5" },
    methods: { type: "string", default: methodNames.join(",") },
    pool: { type: "string" },
    share: { type: "boolean" },
    json: { type: "boolean", default: false },
  },
});
const rows = Number(values.rows ?? (values.small ? 1000 : 5000)),
  trustedRows = Number(values.trusted ?? (values.small ? 200 : 500)),
  pool = Number(values.pool ?? (values.small ? 2 : 1)),
  share = values.share ?? values.small,
  seeds = (values.seeds ?? (values.small ? "1" : "1,2,3")).split(",").map(Number);

/** Two lots of images, none twice, as centred rows with variance 1 over all pixels. */
function draw({ images, labels, n }: Digits, seed: number): readonly [Clean, Clean] {
  const order = stream(seed, "bench rows").permutation(n),
    side = 28 / pool,
    width = side * side;
  const lot = (chosen: Int32Array): Clean => {
    const features = new Float32Array(chosen.length * width);
    chosen.forEach((from, to) => {
      for (let k = 0; k < 784; k++) {
        const at = Math.floor(k / 28 / pool) * side + Math.floor((k % 28) / pool);
        features[to * width + at] += images[from * 784 + k] / 255 / pool ** 2;
      }
    });
    return { features, labels: Int32Array.from(chosen, i => labels[i]), width, classes: 10 };
  };
  const lots = [lot(order.subarray(0, rows)), lot(order.subarray(rows, rows + trustedRows))] as const,
    mean = new Float64Array(width);
  lots[0].features.forEach((x, at) => (mean[at % width] += x / rows));
  const deviation = Math.sqrt(lots[0].features.reduce((total, x, at) => total + (x - mean[at % width]) ** 2, 0) / lots[0].features.length);
  for (const { features } of lots) features.forEach((x, at) => (features[at] = (x - mean[at % width]) / deviation));
  return lots;
}

const loaders: Readonly<Record<string, () => Promise<Digits | string>>> = {
  mnist: async () => (await loadMnist()).train,
  "fashion-mnist": async () => {
    const folder = process.env.UFOM_DATA ? path.join(process.env.UFOM_DATA, "fashion-mnist") : "/usr/share/datasets/fashion-mnist";
    if (!existsSync(folder)) return `Fashion-MNIST is left out: there is no ${folder} (UFOM_DATA names the folder of data sets).`;
    return (await loadIdxParts(folder)).train;
  },
};

interface Cell {
  readonly data: string;
  readonly noise: NoiseKind;
  readonly rate: number;
  readonly seed: number;
  readonly method: string;
  readonly wrong: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly averagePrecision: number;
  readonly calibrationError: number;
  readonly counted: readonly number[];
  readonly suggested: number;
  readonly seconds: number;
  readonly reason: string;
}

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
  "s",
];
if (!values.json) console.log(`| ${columns.join(" | ")} |\n|${columns.map((_, i) => (i < 5 ? " --- |" : " ---: |")).join("")}`);
const show = (cell: Cell): string => {
  const [value, low, high] = cell.counted.map(x => Math.round(x));
  const numbers = [cell.precision, cell.recall, cell.f1, cell.averagePrecision, cell.calibrationError].map(x => x.toFixed(3));
  const [data, noise, rate, seed, method, wrong] = [cell.data, cell.noise, cell.rate, cell.seed, cell.method, cell.wrong];
  const last = [`${value} (${low} … ${high})`, cell.suggested.toFixed(3), cell.seconds.toFixed(1)];
  return `| ${[data, noise, rate, seed, method, wrong, ...numbers, ...last].join(" | ")} |`;
};

const cells: Cell[] = [];
for (const name of values.data.split(",")) {
  const load = loaders[name];
  if (!load) throw new Error(`bench/clean.ts: --data must be of ${Object.keys(loaders).join(", ")}; received ${name}`);
  const images = await load();
  if (typeof images === "string") {
    console.error(images);
    continue;
  }
  for (const kind of values.noise.split(",") as NoiseKind[]) {
    if (!noiseKinds.includes(kind)) throw new Error(`bench/clean.ts: --noise must be of ${noiseKinds.join(", ")}; received ${kind}`);
    for (const rate of values.rates.split(",").map(Number)) {
      for (const seed of seeds) {
        const executor = createWasmExecutor(),
          [data, trusted] = draw(images, seed),
          given = await withNoise(data, kind, rate, confusedWith[name], seed, executor),
          wrong = given.map((label, i) => Number(label !== data.labels[i]));
        const some = { rows: { features: data.features, labels: given }, width: data.width, classes: data.classes },
          input = trustedRows > 0 ? { ...some, trusted } : some,
          shared = fitsOf(input, { seed, executor });
        for (const method of values.methods.split(",")) {
          const began = performance.now(),
            found = await cleanWith(share ? shared : fitsOf(input, { seed, executor }), method);
          const called = Array.from(found.suspect.keys()).filter(i => found.suspect[i] && wrong[i]);
          const cell: Cell = {
            ...{ data: name, noise: kind, rate, seed, method },
            wrong: wrong.reduce((a, b) => a + b, 0),
            ...f1Score(found.suspect, wrong),
            averagePrecision: averagePrecision(
              found.rank.reduce((score, rank, i) => score.fill(-rank, i, i + 1), new Float64Array(rows)),
              wrong,
            ),
            calibrationError: calibrationError(found.pWrong, wrong),
            counted: [found.wrong.value, found.wrong.low, found.wrong.high],
            suggested: called.filter(i => found.suggested[i] === data.labels[i]).length / Math.max(called.length, 1),
            seconds: (performance.now() - began) / 1000,
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

if (!values.json && cells.length > 0) {
  console.log(`\n| method | mean F1 | mean AP | mean ECE | least F1 beside the best single method |\n| --- | ---: | ---: | ---: | ---: |`);
  const key = ({ data, noise, rate, seed }: Cell): string => JSON.stringify([data, noise, rate, seed]);
  for (const method of values.methods.split(",")) {
    const own = cells.filter(cell => cell.method === method),
      mean = (of: (cell: Cell) => number): string => (own.reduce((sum, cell) => sum + of(cell), 0) / own.length).toFixed(3),
      beside = own.map(cell => {
        const others = cells.filter(other => key(other) === key(cell) && other.method !== "auto");
        return cell.f1 - Math.max(...others.map(({ f1 }) => f1));
      });
    console.log(
      `| ${method} | ${[mean(c => c.f1), mean(c => c.averagePrecision), mean(c => c.calibrationError), Math.min(...beside).toFixed(3)].join(" | ")} |`,
    );
  }
}
