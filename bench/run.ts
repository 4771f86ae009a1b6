// npm run bench: ufom beside PyTorch and JAX, in one run, in turn.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cleaningCase, cleaningFile, nameOf, sinusoidCase, type GradientCase } from "./cases.js";
import { measureLimit } from "./limit.js";
import { Party, type PartyName, type Prepared } from "./party.js";
import { spreadOf, type Spread } from "./statistics.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    seconds: { type: "string", default: "0.15" },
    only: { type: "string", default: "" },
    cpu: { type: "string", default: String(cpus().length - 1) },
    json: { type: "string" },
    peers: { type: "string", default: "jax,torch" },
  },
});
const python = process.env.UFOM_BENCH_PYTHON ?? "python3";
const has = (module: string) => spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0;
const peers = (values.peers.split(",") as PartyName[]).filter(p => p && has(p));
const parties: PartyName[] = ["ufom", ...peers];
const rounds = Number(values.rounds),
  seconds = Number(values.seconds),
  cpu = Number(values.cpu);

interface Row {
  readonly name: string;
  /** Seconds a call. */
  readonly times: Partial<Record<PartyName, Spread>>;
  /** Time of a peer over ours, round by round. */
  readonly ratios: Partial<Record<PartyName, Spread>>;
  readonly first: Partial<Record<PartyName, number>>;
  /** Largest difference of a peer's gradient from ours, of the largest entry. */
  readonly difference: Partial<Record<PartyName, number>>;
  readonly gflops: number;
}

const largest = (a: readonly number[]) => a.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

async function measure(c: GradientCase): Promise<Row> {
  // Fresh processes: the first result is that of a program nobody has compiled.
  const running = new Map<PartyName, Party>(),
    prepared = new Map<PartyName, Prepared>(),
    samples = new Map<PartyName, number[]>();
  try {
    for (const name of parties) {
      const party = new Party(name, python, cpu);
      running.set(name, party);
      prepared.set(name, await party.prepare(c));
      samples.set(name, []);
      await party.time(c, 3 * seconds);
    }
    for (let k = 0; k < rounds; k++)
      for (const [name, party] of running) samples.get(name)?.push(spreadOf(await party.time(c, seconds)).median);
    const ours = samples.get("ufom") as number[],
      own = prepared.get("ufom") as Prepared;
    const by = <T>(f: (name: PartyName) => T, names: readonly PartyName[] = parties) =>
      Object.fromEntries(names.map(n => [n, f(n)])) as Partial<Record<PartyName, T>>;
    const get = (n: PartyName) => samples.get(n) as number[];
    return {
      name: nameOf(c),
      times: by(n => spreadOf(get(n))),
      ratios: by(n => spreadOf(get(n).map((t, k) => t / ours[k])), peers),
      first: by(n => (prepared.get(n) as Prepared).first),
      difference: by(
        n => largest((prepared.get(n) as Prepared).gradient.map((x, i) => x - own.gradient[i])) / largest(own.gradient),
        peers,
      ),
      gflops: (own.flops as number) / spreadOf(ours).median / 1e9,
    };
  } finally {
    for (const party of running.values()) await party.end();
  }
}

const time = (s: number) =>
  s < 1e-3 ? `${(s * 1e6).toFixed(s < 1e-4 ? 1 : 0)} µs` : s < 1 ? `${(s * 1e3).toFixed(s < 0.1 ? 1 : 0)} ms` : `${s.toFixed(2)} s`;
const spread = ({ median, low, high }: Spread, show: (x: number) => string) => `${show(median)} (${show(low)}–${show(high)})`;
const factor = (x: number) => `${x.toFixed(2)}x`;

const folder = mkdtempSync(join(tmpdir(), "ufom-bench-"));
try {
  const file = cleaningFile(folder, 5000),
    kinds = ["first-order", "exact"] as const;
  const cases: GradientCase[] = [
    ...[1, 25, 100].flatMap(tasks => [1, 5, 10, 50].flatMap(r => kinds.map(kind => sinusoidCase(kind, r, tasks)))),
    ...[20, 100].flatMap(r => kinds.map(kind => cleaningCase(kind, r, 5000, file))),
  ].filter(c => nameOf(c).includes(values.only));
  const limit = measureLimit();
  for (const p of peers) {
    const party = new Party(p, python, cpu);
    console.error(`peer: ${(await party.info()).name}`);
    await party.end();
  }
  console.log(
    `This machine's limit in 128-bit WebAssembly, one thread: ${limit.toFixed(1)} GFLOP/s. Every party on one core, in turn, ${rounds} rounds.\n`,
  );
  console.log(
    `| work | ufom | share of limit | ${peers.map(p => `${p} | ${p} / ufom | gradient differs by`).join(" | ")} | first result: ${parties.join(", ")} |`,
  );
  console.log(`| --- | --- | --- | ${peers.map(() => "--- | --- | ---").join(" | ")} | --- |`);
  const rows: Row[] = [];
  for (const c of cases) {
    const row = await measure(c);
    rows.push(row);
    const peer = (p: PartyName) =>
      `${time((row.times[p] as Spread).median)} | ${spread(row.ratios[p] as Spread, factor)} | ${(row.difference[p] as number).toExponential(1)}`;
    console.log(
      `| ${row.name} | ${spread(row.times.ufom as Spread, time)} | ${((100 * row.gflops) / limit).toFixed(0)} % | ${peers.map(peer).join(" | ")} | ${parties.map(p => time(row.first[p] as number)).join(", ")} |`,
    );
  }
  if (values.json) writeFileSync(values.json, JSON.stringify({ limit, rounds, rows }, null, 1));
} finally {
  rmSync(folder, { recursive: true });
}
