// npm run bench:outer: an outer step of `solve`, one at a time and in rows, beside its gradient alone and beside JAX's.
//   --only TEXT   rows whose name contains it; --quick: a few
//   --rounds N, --seconds S, --markdown, --page FILE, --native, --clock cpu as in `npm run bench`
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { caseOf, rowName, type OuterCase, type OuterMode, type Work } from "./cases.js";
import { Party, peersOf, type PartyName } from "./party.js";
import { rangeOf, spreadOf, type Spread } from "./statistics.js";
import { intoPage, ruler } from "./table.js";
import * as works from "./works.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    cpu: { type: "string", default: String(cpus().length - 1) },
    clock: { type: "string", default: "wall" },
    markdown: { type: "boolean", default: false },
    page: { type: "string" },
    native: { type: "boolean", default: false },
  },
});
process.env.UFOM_BENCH_CLOCK = values.clock;
const python = process.env.UFOM_BENCH_PYTHON ?? "python3",
  withJax = peersOf(python).includes("jax"),
  rounds = Number(values.rounds ?? (values.quick ? 5 : 8)),
  seconds = Number(values.seconds ?? 0.1),
  cpu = Number(values.cpu),
  options = values.native ? { native: true } : {};

interface Column {
  readonly name: string;
  readonly party: PartyName;
  readonly mode: OuterMode;
}
const columns: readonly Column[] = [
  { name: "gradient", party: "ufom", mode: "gradient" },
  { name: "`hypergradient()`", party: "ufom", mode: "hypergradient" },
  { name: "step of `solve`", party: "ufom", mode: "step" },
  { name: "the same in a row", party: "ufom", mode: "row" },
  ...(withJax
    ? ([
        { name: "JAX, a jitted step", party: "jax", mode: "step" },
        { name: "JAX, of a scan", party: "jax", mode: "row" },
      ] as const)
    : []),
];

interface Plan {
  readonly name: string;
  readonly make: (folder: string) => Work;
  readonly tasks: number;
  readonly r: number;
  readonly estimator: string;
  readonly quick?: boolean;
  /** Steps of a row; 200 if absent. */
  readonly steps?: number;
}
const sinusoid = (tasks: number, r: number, estimator: string, quick = false): Plan => ({
  name: `sinusoid, ${tasks} ${tasks === 1 ? "task" : "tasks"}`,
  make: f => works.sinusoid(f, tasks),
  tasks,
  r,
  estimator,
  quick,
});
const large = (name: string, make: Plan["make"], r: number, estimator: string, quick = false): Plan => ({
  name,
  make,
  tasks: 1,
  r,
  estimator,
  quick,
  steps: 5,
});
const plans: readonly Plan[] = [
  ...[1, 10].flatMap(r => ["first-order", "exact"].map(estimator => sinusoid(1, r, estimator, true))),
  ...["first-order", "exact"].map(estimator => sinusoid(25, 10, estimator)),
  sinusoid(100, 10, "first-order"),
  ...["first-order", "exact"].map(e =>
    large("MLP 784-256-128-10, batch 100", f => works.mlp(f, [784, 256, 128, 10], 100), 10, e, e === "exact"),
  ),
  large("distillation, 100 × 784", f => works.distillation(f, 100, 1000), 30, "exact"),
  ...["first-order", "exact"].map(e => large("Conv4, 5-way, 1 task", f => works.conv4(f, 5, 1), 10, e)),
  ...[25, 100].flatMap(tasks => [0.05, 0.2].map(q => sinusoid(tasks, 10, `ufom:${q}`, tasks === 25))),
];
/** What the peers have no counterpart of, and what takes a task. */
const isOf = (column: Column, { estimator, tasks }: Plan): boolean =>
  estimator.startsWith("ufom")
    ? column.party === "ufom" && (column.mode === "step" || column.mode === "row")
    : column.mode !== "hypergradient" || tasks === 1;

const micro = (s: number) => (s < 1e-2 ? `${(s * 1e6).toFixed(s < 1e-4 ? 1 : 0)} µs` : `${(s * 1e3).toFixed(s < 0.1 ? 1 : 0)} ms`);
const cell = ({ median, low, high }: Spread, ours: boolean) =>
  `${ours ? `**${micro(median)}**` : micro(median)} (${(low / median).toFixed(2)}–${(high / median).toFixed(2)})`;

const head = `| work | ${columns.map(({ name }) => name).join(" | ")} | JAX's best / step |`;
if (!values.markdown)
  console.log(
    `An outer step with Adam; every party on one core, in turn, ${rounds} rounds: median (smallest–largest, of it).\n\n${head}\n${ruler(head)}`,
  );
for (const plan of plans) {
  const { name, r, estimator } = plan,
    full = rowName(name, r, estimator);
  if (!full.includes(values.only) || (values.quick && !plan.quick)) continue;
  const folder = mkdtempSync(join(tmpdir(), "ufom-outer-")),
    work = plan.make(folder),
    own = columns.filter(column => isOf(column, plan)),
    settings = { ...work.settings, ...(plan.steps ? { rows: plan.steps } : {}) };
  const cases = new Map<Column, OuterCase>(
      own.map(column => [column, { ...caseOf({ ...work, settings }, name, r, estimator), mode: column.mode }]),
    ),
    parties = new Map<Column, Party>(),
    samples = new Map<Column, number[]>(own.map(column => [column, []]));
  try {
    for (const [column, c] of cases) {
      const party = new Party(column.party, python, cpu, column.party === "ufom" ? options : {});
      parties.set(column, party);
      await party.prepare(c);
      await party.time(c, 3 * seconds);
    }
    for (let k = 0; k < rounds; k++)
      for (const [column, party] of parties) samples.get(column)!.push(spreadOf(await party.time(cases.get(column)!, seconds)).median);
  } finally {
    for (const party of parties.values()) await party.end();
    rmSync(folder, { recursive: true });
  }
  const of = (party: PartyName) =>
      own.filter(column => column.party === party && column.mode !== "gradient" && column.mode !== "hypergradient"),
    best = (party: PartyName) =>
      rangeOf((samples.get(of(party).reduce((a, b) => (median(b) < median(a) ? b : a))) ?? []).map((t, k) => t / steps()[k])),
    steps = () => samples.get(own.find(({ party, mode }) => party === "ufom" && mode === "step")!)!,
    median = (column: Column) => rangeOf(samples.get(column)!).median;
  const beside = of("jax").length ? best("jax").median.toFixed(2) : "";
  const text = `| ${full} | ${columns.map(column => (samples.has(column) ? cell(rangeOf(samples.get(column)!), column.party === "ufom" && column.mode === "step") : "")).join(" | ")} | ${beside} |`;
  console.log(text);
  if (values.page) intoPage(values.page, head, [text]);
}
