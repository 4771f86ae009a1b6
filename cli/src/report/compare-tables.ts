import type { Table } from "../problems/figure.js";
import type { Built, Diagnosed, RunRecord } from "../problems/problem-entry.js";
import { diagnosedTable } from "../run-output.js";
import { compareTable, figureColumns, nameOfRun, type Judging } from "./compare-table.js";
import { plusMinus, short, spread } from "./format.js";
import { halfWidth } from "./student.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** The figure by which runs are compared: the criterion's or the headline's where it was measured at the end, else the first. */
function mainFigure(records: readonly RunRecord[], { criterion, headline }: Built, judging: Judging) {
  const figures = figureColumns(records, judging);
  return [criterion?.metric, headline?.metric].flatMap(name => figures.find(figure => figure.name === name) ?? []).at(0) ?? figures.at(0);
}

/** Mean over seeds with its 95 % interval, and the difference from the exact gradient, seed by seed, with its own. */
function intervals(records: readonly RunRecord[], built: Built, judging: Judging): Table[] {
  const figure = mainFigure(records, built, judging);
  const seeds = new Set(records.map(({ seed }) => seed));
  if (figure === undefined || seeds.size < 2) return [];
  const nameOf = (record: RunRecord) => nameOfRun(record, judging.varied);
  const names = [...new Set(records.map(nameOf))];
  const of = (name: string) =>
    new Map(
      records
        .filter(record => nameOf(record) === name)
        .flatMap(record => {
          const value = figure.value(record);
          return value === undefined || !Number.isFinite(value) ? [] : [[record.seed, value] as const];
        }),
    );
  // Each is compared with the exact gradient at the same values of the varied options, or else with the first.
  const pointOf = (name: string) => name.split(" ").slice(1).join(" ");
  const referenceOf = (name: string): string => {
    const others = names.filter(other => pointOf(other) === pointOf(name));
    return others.find(other => /^exact\b/.test(other)) ?? others[0];
  };
  const shown = (values: readonly number[]): string => {
    if (values.length < 2) return values.length === 1 ? short(values[0]) : "";
    const { mean, deviation } = spread(values);
    const half = halfWidth(deviation, values.length);
    // Differences that cancel leave a sign of rounding.
    return plusMinus(Math.abs(mean) < 1e-9 * half ? 0 : mean, half);
  };
  const rows = names.map(name => {
    const reference = referenceOf(name);
    const [own, other] = [of(name), of(reference)];
    const differences = [...own].flatMap(([seed, value]) => (other.has(seed) ? [value - other.get(seed)!] : []));
    return { name, mean: shown([...own.values()]), difference: name === reference ? "" : shown(differences), reference };
  });
  const references = new Set(rows.map(({ reference }) => reference));
  const from = references.size === 1 ? ` from ${[...references][0]}` : "";
  return [
    {
      title: "Over seeds",
      columns: ["", figure.title, `difference${from}`, ...(from === "" ? ["from"] : [])],
      rows: rows.map(({ name, mean, difference, reference }) => [name, mean, difference, ...(from === "" ? [reference] : [])]),
      note: `Mean and 95 % interval over ${quantity(seeds.size, "seed")} (Student's t); the difference is taken seed by seed.`,
    },
  ];
}

/** What was seen of gradients, over the seeds of each name. */
function diagnosed(records: readonly RunRecord[], varied: readonly string[]): Table[] {
  const byName = new Map<string, Diagnosed[]>();
  for (const record of records) {
    if (record.diagnosed === undefined) continue;
    const name = nameOfRun(record, varied);
    byName.set(name, [...(byName.get(name) ?? []), record.diagnosed]);
  }
  return diagnosedTable(
    [...byName].map(([name, all]) => {
      const mean = (key: keyof Diagnosed) => spread(all.map(one => one[key])).mean;
      return [name, { ratio: mean("ratio"), cosine: mean("cosine"), probability: mean("probability"), steps: mean("steps") }];
    }),
  );
}

/** What a comparison came to: a row for each estimator, intervals over seeds, and what was seen along the way. */
export const compareTables = (records: readonly RunRecord[], built: Built, judging: Judging): Table[] => [
  compareTable(records, judging),
  ...intervals(records, built, judging),
  ...diagnosed(records, judging.varied),
];
