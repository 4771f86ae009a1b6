// npm run bench:outer: an outer step of `solve`, one at a time and in rows, beside its gradient alone and beside JAX's.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { outerCase, type OuterCase, type OuterMode } from "./cases.js";
import { Party, type PartyName } from "./party.js";
import { spreadOf, type Spread } from "./statistics.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    seconds: { type: "string", default: "0.2" },
    only: { type: "string", default: "" },
    cpu: { type: "string", default: String(cpus().length - 1) },
  },
});
const python = process.env.UFOM_BENCH_PYTHON ?? "python3",
  withJax = spawnSync(python, ["-c", "import jax"], { stdio: "ignore" }).status === 0,
  rounds = Number(values.rounds),
  seconds = Number(values.seconds),
  cpu = Number(values.cpu);

interface Column {
  readonly name: string;
  readonly party: PartyName;
  readonly mode: OuterMode;
}
const columns: readonly Column[] = [
  { name: "gradient", party: "ufom", mode: "gradient" },
  { name: "hypergradient()", party: "ufom", mode: "hypergradient" },
  { name: "step of solve", party: "ufom", mode: "step" },
  { name: "step in a row", party: "ufom", mode: "row" },
  ...(withJax
    ? ([
        { name: "JAX, a jitted step", party: "jax", mode: "step" },
        { name: "JAX, of a scan of 200", party: "jax", mode: "row" },
      ] as const)
    : []),
];
const works = ([1, 25, 100] as const).flatMap(tasks =>
  ([1, 10] as const).flatMap(r =>
    (["first-order", "exact", "ufom:0.05"] as const)
      .filter(estimator => (estimator === "ufom:0.05" ? tasks === 100 && r === 10 : true))
      .map(estimator => ({ tasks, r, estimator })),
  ),
);

const micro = (s: number) => `${(s * 1e6).toFixed(s < 1e-4 ? 1 : 0)}`;
const show = ({ median, low, high }: Spread) => `${micro(median)} (${micro(low)}–${micro(high)})`;

console.log(
  `Microseconds an outer step with Adam, MLP 1-40-40-1; every party on one core, in turn, ${rounds} rounds: median (middle half).\n`,
);
console.log(`| work | ${columns.map(({ name }) => name).join(" | ")} | step − gradient |`);
console.log(`| --- | ${columns.map(() => "---").join(" | ")} | --- |`);
for (const { tasks, r, estimator } of works) {
  const name = `${tasks} ${tasks === 1 ? "task" : "tasks"}, r = ${r}, ${estimator}`;
  if (!name.includes(values.only)) continue;
  const own = columns.filter(
    ({ party, mode }) =>
      (mode !== "hypergradient" || tasks === 1) && (estimator !== "ufom:0.05" || (party === "ufom" && mode !== "gradient")),
  );
  const cases = new Map<Column, OuterCase>(own.map(column => [column, outerCase(estimator, r, tasks, column.mode)])),
    parties = new Map<Column, Party>(),
    samples = new Map<Column, number[]>(own.map(column => [column, []]));
  try {
    for (const [column, c] of cases) {
      const party = new Party(column.party, python, cpu);
      parties.set(column, party);
      await party.prepare(c);
      await party.time(c, 3 * seconds);
    }
    for (let k = 0; k < rounds; k++)
      for (const [column, party] of parties) samples.get(column)!.push(spreadOf(await party.time(cases.get(column)!, seconds)).median);
  } finally {
    for (const party of parties.values()) await party.end();
  }
  const of = (mode: OuterMode) => samples.get(own.find(column => column.party === "ufom" && column.mode === mode)!),
    [steps, gradients] = [of("step"), of("gradient")],
    beside = steps && gradients ? show(spreadOf(steps.map((t, k) => t - gradients[k]))) : "";
  console.log(
    `| ${name} | ${columns.map(column => (samples.has(column) ? show(spreadOf(samples.get(column)!)) : "")).join(" | ")} | ${beside} |`,
  );
}
