// Whether hyperparameters by hypergradients are better on rows that nothing was learned from than those of grid, random and successive-halving search: real
// tables, with columns of noise beside their own, so that a penalty for each column has something to find; the same counted work for all.
//
//     npm run bench:tune -- [--tables wine,…] [--noise 0,20,100] [--seeds 10] [--held-out 0.5] [--methods hypergradient,…] [--data FOLDER] [--write FOLDER] [--json]
//
// Tables: breast-cancer, wine, digits, diabetes (Debian's package python3-sklearn, or --data, a folder with its files) and penguins. Of each seed other rows are
// held out, and other noise stands beside. --write keeps the tables as CSV, so that `ufom tune` can be run on them. Of every cell: the held-out loss of
// hypergradients, and by how much it is lower than that of each other method, in the mean over seeds, ± its standard error.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { createWasmExecutor, stream } from "../src/index.js";
import { readTable } from "../cli/src/tables/read-table.js";
import { knobNames } from "../cli/src/tuning/knobs.js";
import { usualMethods, type MethodName, type TuneSettings } from "../cli/src/tuning/settings.js";
import { tune } from "../cli/src/tuning/tune.js";
import { readBenchTable, tableNames, type BenchTable } from "./tune-tables.js";

const { values } = parseArgs({
  options: {
    tables: { type: "string", default: tableNames.join(",") },
    noise: { type: "string", default: "0,20,100" },
    seeds: { type: "string", default: "10" },
    "held-out": { type: "string", default: "0.5" },
    groups: { type: "string", default: "columns" },
    methods: { type: "string", default: usualMethods.join(",") },
    data: { type: "string" },
    write: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const methods = values.methods.split(",") as MethodName[],
  seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
  folder = values.write ?? mkdtempSync(path.join(tmpdir(), "tune-tables-"));
mkdirSync(folder, { recursive: true });

/** The table with so many columns of normal noise, as a file. */
function written({ name, head, rows }: BenchTable, noise: number, seed: number): string {
  const random = stream(seed, "bench noise", noise),
    lines = [[...head, ...Array.from({ length: noise }, (_, k) => `noise${k}`)].join(",")];
  for (const row of rows) lines.push([...row, ...Array.from(random.normal([noise]).data, x => x.toFixed(4))].join(","));
  const file = path.join(folder, `${name}-${noise}-${seed}.csv`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** The mean, and its standard error. */
function meanAndError(x: readonly number[]): readonly [number, number] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return [mean, Math.sqrt(x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (x.length - 1) / x.length)];
}
const shown = (x: readonly number[], digits = 3): string =>
  meanAndError(x)
    .map(y => y.toFixed(digits))
    .join(" ± ");

const executor = createWasmExecutor(),
  settings = (seed: number): TuneSettings => ({
    ...{
      model: "linear",
      hidden: 32,
      groups: values.groups as "columns",
      learn: knobNames,
      methods,
      folds: 5,
      heldOut: Number(values["held-out"]),
    },
    ...{ rows: 2000, innerSteps: 100, outerSteps: 40, estimator: "exact", balanced: false, seed },
  });
const others = ["untuned", ...methods.filter(name => name !== "hypergradient")];
if (!values.json) {
  console.log(`| table | columns of noise | hypergradient | ${others.map(name => `lower than ${name} by`).join(" | ")} |`);
  console.log(`| --- |${" ---: |".repeat(2 + others.length)}`);
}
for (const name of values.tables.split(",")) {
  const table = await readBenchTable(name, values.data);
  for (const noise of values.noise.split(",").map(Number)) {
    const losses = new Map<string, number[]>();
    for (const seed of seeds) {
      const read = await readTable(written(table, noise, seed), { label: table.target });
      const tuned = await tune(read, settings(seed), {
        executor,
        signal: new AbortController().signal,
        seconds: () => performance.now() / 1000,
        say: () => undefined,
      });
      for (const one of tuned.methods) losses.set(one.name, [...(losses.get(one.name) ?? []), one.heldOut!.loss.value]);
      if (values.json)
        for (const { name: method, heldOut, crossValidated, tried, work, seconds, found } of tuned.methods)
          console.log(
            JSON.stringify({ table: name, noise, seed, method, heldOut, crossValidated, found, tried, work, seconds, rows: tuned.rows }),
          );
    }
    if (values.json) continue;
    const own = losses.get("hypergradient")!,
      digits = meanAndError(own)[0] < 10 ? 3 : 2,
      lower = others.map(method =>
        shown(
          losses.get(method)!.map((x, i) => x - own[i]),
          digits,
        ),
      );
    console.log(`| ${name} | ${noise} | ${shown(own, digits)} | ${lower.join(" | ")} |`);
  }
}
executor.dispose();
if (values.write === undefined) rmSync(folder, { recursive: true, force: true });
