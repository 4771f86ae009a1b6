// npm run bench: ufom beside JAX and PyTorch, in one run, in turns.
//   --only TEXT      rows whose name, or whose table's, contains it; said again, all of them
//   --quick          a few rows of each table, without what takes long to compile
//   --no-compile     PyTorch's strongest form without torch.compile, which takes most of the bench's time
//   --rounds N       rounds of a row; --seconds S of each party in one of them
//   --peers LIST     of jax, torch and torch best
//   --workers N      threads of ufom in the rows of all cores, for a meta-batch as many as cores unless told; --native: the machine's BLAS in all
//                    rows. An outer step of `solve` is timed then
//   --clock cpu      what a process computed in place of the time on the wall, for a machine that does other work; not for rows of all cores
//   --markdown       nothing but the rows, as docs/performance.md has them; --page FILE puts them there
//   --json FILE      all that was measured
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { agreement } from "./agreement.js";
import type { Case } from "./cases.js";
import { measureLimit } from "./limit.js";
import { measure, type Row, type Setting } from "./measure.js";
import { Party, peersOf, type PartyName, type UfomOptions } from "./party.js";
import { tables } from "./rows.js";
import { glance, glanceHeader, header, intoPage, line, ruler } from "./table.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    quick: { type: "boolean", default: false },
    clock: { type: "string", default: "wall" },
    "no-compile": { type: "boolean", default: false },
    cpu: { type: "string", default: String(cpus().length - 1) },
    json: { type: "string" },
    markdown: { type: "boolean", default: false },
    page: { type: "string" },
    peers: { type: "string" },
    workers: { type: "string" },
    native: { type: "boolean", default: false },
  },
});
if (values["no-compile"]) process.env.UFOM_BENCH_NO_COMPILE = "1";
process.env.UFOM_BENCH_CLOCK = values.clock;
if (values.quick) process.env.UFOM_BENCH_QUICK = "1";
const python = process.env.UFOM_BENCH_PYTHON ?? "python3",
  wanted = values.peers?.split(",") as PartyName[] | undefined,
  peers = peersOf(python).filter(p => wanted?.includes(p) ?? true),
  cpu = Number(values.cpu),
  native = values.native ? { native: true } : {},
  // A task alone is computed by one thread, where nothing else is asked for.
  workersFor = ({ tasks }: Case): UfomOptions =>
    values.workers === undefined ? (tasks > 1 ? { workers: Math.min(tasks, cpus().length) } : {}) : { workers: Number(values.workers) };
const setting: Setting = {
  python,
  peers,
  cpu,
  rounds: Number(values.rounds ?? (values.quick ? 5 : 10)),
  seconds: Number(values.seconds ?? 0.1),
  ufom: native,
};
const say = (text: string) => {
  if (!values.markdown) console.log(text);
};

/** How far gradients of parties may be apart, of the largest element. */
const SAME = 1e-3;
let wrong = 0;
const begun = performance.now(),
  limit = measureLimit(),
  results: { readonly table: string; readonly row: Row }[] = [];
for (const p of peers) {
  const party = new Party(p, python, cpu);
  console.error(`peer: ${(await party.info()).name}`);
  await party.end();
}
say(`This machine's limit in 128-bit WebAssembly, one thread: ${limit.toFixed(1)} GFLOP/s. Every party in turn, ${setting.rounds} rounds.`);
for (const { title, rows } of tables) {
  const some = rows.filter(({ name, quick }) => values.only.every(text => `${name}\n${title}`.includes(text)) && (quick || !values.quick));
  if (some.length === 0) continue;
  const head = header(peers);
  say(`\n${title}\n\n${head}\n${ruler(head)}`);
  for (const { name, spec } of some) {
    const folder = mkdtempSync(join(tmpdir(), "ufom-bench-"));
    try {
      const given = spec(folder),
        row = await measure(given, given.cores === "all" ? { ...setting, ufom: { ...native, ...workersFor(given.case) } } : setting),
        text = line(row, peers, limit);
      results.push({ table: title, row });
      console.log(text);
      if (values.page) intoPage(values.page, head, [text]);
      if (Object.values(row.peers).every(({ difference }) => difference < SAME)) continue;
      const { fromDouble, afterOneStep } = await agreement(given, row, setting),
        distances = Object.entries(fromDouble).map(([party, distance]) => `${party} ${distance.toExponential(1)}`);
      console.error(
        `In "${name}" gradients end apart; from that in float64, of its largest element: ${distances.join(", ")}. After one inner step all are `
          + `within ${afterOneStep.toExponential(1)} of ours.`,
      );
      if (afterOneStep < SAME) continue;
      wrong++;
      console.error(`ufom: parties of a row must compute the same; in "${name}" they do not.`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
const differences = results.flatMap(({ row }) => Object.values(row.peers).map(({ difference }) => difference));
if (differences.length) say(`\nGradients differ by at most ${Math.max(...differences).toExponential(1)} of the largest element.`);
// Only of works all of whose rows were measured.
const groups = new Map<string, string[]>();
for (const { name, group } of tables.flatMap(({ rows }) => rows)) groups.set(group, [...(groups.get(group) ?? []), name]);
say(`\n${glanceHeader}\n| --- | --- | --- |`);
for (const [group, names] of groups) {
  const rows = results.map(({ row }) => row).filter(({ name }) => names.includes(name));
  if (rows.length < names.length || peers.length === 0) continue;
  const text = glance(group, rows);
  console.log(text);
  if (values.page) intoPage(values.page, glanceHeader, [text]);
}
say(`${((performance.now() - begun) / 60_000).toFixed(1)} minutes`);
if (values.json) {
  // Of gradients, which may have ten million numbers, only the differences.
  const plain = (key: string, value: unknown) => (key === "gradient" ? undefined : value);
  writeFileSync(values.json, JSON.stringify({ limit, rounds: setting.rounds, results }, plain, 1));
}
if (wrong) process.exitCode = 1;
