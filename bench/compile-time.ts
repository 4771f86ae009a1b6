// npx tsx bench/compile-time.ts: milliseconds from a function to its first result, by phase. Cold: in a process of its own that compiled
// nothing before, the fastest of --rounds such processes. Warm: programs that the same process compiles afterwards. On Linux the time
// that the main thread worked, so that other processes do not count; elsewhere by the clock.
//   --only TEXT    rows whose name contains it; long programs (1,000, 10,000 and 100,000 operations) only so: --only long --rounds 1
//   --case N       one row, in this process, as JSON
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildSync } from "esbuild";
import { optimize } from "../src/program/passes/index.js";
import type { Program } from "../src/program/program.js";
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import { allocate } from "../src/tensor/types.js";
import { cases } from "./compile-programs.js";
import type { Case } from "./compile-programs.js";

/** `code`: hash, plan and code; `module`, `instance`: V8's part. */
const phases = ["trace", "passes", "code", "module", "instance"] as const;
type Times = Record<(typeof phases)[number], number>;
const total = (t: Times): number => phases.reduce((sum, p) => sum + t[p], 0);

interface Report {
  readonly traced: number;
  readonly operations: number;
  readonly cold: Times;
  /** The first call, in the engine's quick code: its better one comes while calls are made. */
  readonly call: number;
  /** All phases of another program. */
  readonly warm: number;
  /** The same program in another executor. */
  readonly again: number;
}

/** Milliseconds that the engine's own compiler took so far. */
const spent = { module: 0, instance: 0 };
const counted = <F extends new (...args: never[]) => object>(constructor: F, phase: keyof typeof spent): F =>
  new Proxy(constructor, {
    construct(target, args, self) {
      const [made, took] = timed(() => Reflect.construct(target, args, self) as object);
      spent[phase] += took;
      return made;
    },
  });
WebAssembly.Module = counted(WebAssembly.Module, "module");
WebAssembly.Instance = counted(WebAssembly.Instance, "instance");

const scheduled = "/proc/self/schedstat";
const milliseconds = existsSync(scheduled) ? () => Number(readFileSync(scheduled, "latin1").split(" ")[0]) / 1e6 : () => performance.now();

function timed<T>(f: () => T): [T, number] {
  const started = milliseconds(),
    result = f();
  return [result, milliseconds() - started];
}

/** Nodes that compute something. */
const operationsOf = ({ nodes }: Program): number => nodes.filter(n => !["input", "constant", "literal"].includes(n.op)).length;

/** From a function to its first result. */
function prepare(
  c: Case,
  rate: number,
): { readonly times: Times; readonly call: number; readonly traced: Program; readonly program: Program } {
  const [traced, trace] = timed(() => c.trace(rate)),
    [program, passes] = timed(() => optimize(traced));
  const executor = createWasmExecutor(),
    inputs = program.inputs.map(t => executor.upload({ ...t, data: allocate(t).fill(0.1) })),
    before = { ...spent };
  const [executable, compile] = timed(() => executor.compile(program)),
    module = spent.module - before.module,
    instance = spent.instance - before.instance;
  const [, call] = timed(() => executor.read(executable.run(inputs)[0]));
  executor.dispose();
  return { times: { trace, passes, code: compile - module - instance, module, instance }, call, traced, program };
}

function report(c: Case): Report {
  const { times: cold, call, traced, program } = prepare(c, 0.01);
  const later = (times: number) => Array.from({ length: times }, (_, i) => total(prepare(c, 0.01 + (i + 1) / 1024).times));
  const warm = c.long ? later(1) : later(9).slice(4);
  const [, again] = timed(() => createWasmExecutor().compile(program));
  return { traced: operationsOf(traced), operations: operationsOf(program), cold, call, warm: Math.min(...warm), again };
}

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, rounds: { type: "string", default: "5" }, case: { type: "string" } },
});
if (values.case !== undefined) console.log(JSON.stringify(report(cases[Number(values.case)])));
else {
  const cell = (x: number | string) => (typeof x === "number" ? x.toFixed(x < 9.95 ? 1 : 0) : x).padStart(9);
  console.log(["".padEnd(50), ...["traced", "compiled", ...phases, "total", "call", "warm", "again"].map(cell)].join(""));
  // What users run: JavaScript as it is published, without the names that tsx keeps of every function.
  const file = fileURLToPath(new URL("../.cache/compile-time.mjs", import.meta.url));
  buildSync({
    entryPoints: [fileURLToPath(import.meta.url)],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    outfile: file,
  });
  cases.forEach(({ name, long }, i) => {
    if (!name.includes(values.only) || (long && values.only === "")) return;
    const reports = Array.from({ length: Number(values.rounds) }, () => {
      const child = spawnSync(process.execPath, [file, "--case", String(i)], { encoding: "utf8" });
      if (child.status !== 0) throw new Error(child.stderr);
      return JSON.parse(child.stdout) as Report;
    });
    const least = (f: (r: Report) => number) => Math.min(...reports.map(f)),
      best = reports.find(r => total(r.cold) === least(({ cold }) => total(cold)))!;
    const columns = [
      String(best.traced),
      String(best.operations),
      ...phases.map(p => best.cold[p]),
      total(best.cold),
      best.call,
      least(r => r.warm),
      least(r => r.again),
    ];
    console.log([name.padEnd(50), ...columns.map(cell)].join(""));
  });
}
