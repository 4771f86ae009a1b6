import { bytes, short, whole } from "../report/format.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { inspectPrograms, openExecutor, openNative, printed, type InspectedProgram } from "../engine.js";
import { loadProblem } from "../load-problem.js";
import { nearest } from "ufom/internal/tensor/nearest";
import { shellLine } from "../run-output.js";
import type { ExecutorName } from "ufom/internal/executors/names";
import { tellNotes } from "../notes.js";
import { problemOptions } from "../option-values.js";
import type { Terminal } from "../terminal.js";
import type { FloatType } from "ufom";
import { quantity } from "ufom/internal/tensor/quantity";

/** The options of `ufom inspect`. */
export interface InspectOptions {
  readonly seed?: number;
  readonly dtype?: FloatType;
  readonly executor?: ExecutorName;
  readonly native?: true | string;
  readonly program?: string;
  readonly set?: readonly string[];
}

/** What each program of a problem is for. */
const meaning: Readonly<Record<string, string>> = {
  init: "φ₀ = V(θ, T)",
  step: "φ_j from φ_{j−1}",
  outer: "L_out and its gradients",
  pullback: "u and g one step back",
  mixed: "g alone one step back",
  initPullback: "through V to θ",
  "step with residuals for pullback": "a step of exact:residuals",
  "pullback from residuals": "its u and g one step back",
  "step with residuals for mixed": "a step of first-order:mixed:residuals",
  "mixed from residuals": "its g one step back",
};

/** The numbers of a program's row. */
const rowOf = ({ name, hash, program, flops, bytes: moved, wasm, residualBytes }: InspectedProgram) => ({
  name,
  hash,
  nodes: program.nodes.length,
  flops,
  bytes: moved,
  loops: wasm.kernels.length,
  bytesFused: wasm.kernels.reduce((sum, kernel) => sum + kernel.bytes, 0),
  memory: wasm.scratchBytes + wasm.constantBytes,
  code: wasm.moduleBytes,
  ...(residualBytes === undefined ? {} : { residualBytes }),
});

/** `ufom inspect PROBLEM --program NAME`: a program's nodes, and the loops that they become. */
async function showProgram(programs: readonly InspectedProgram[], name: string, problem: string, terminal: Terminal): Promise<void> {
  const found = programs.find(program => program.name === name);
  if (found === undefined) {
    const names = programs.map(program => program.name);
    const near = nearest(name, names);
    const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
    throw new UsageError(`ufom: --program must be one of ${names.join(", ")}${hint}; received ${JSON.stringify(name)}.`);
  }
  const { program, wasm } = found;
  terminal.json({ problem, ...rowOf(found), program, kernels: wasm.kernels });
  terminal.line(await printed(program));
  terminal.table({
    title: "Loops of the wasm executor",
    columns: ["loop", "kind", "shape", "operations", "bytes", "what it does"],
    rows: wasm.kernels.map((k, i) => [String(i + 1), k.kind, `[${k.shape.join(", ")}]`, short(k.flops), bytes(k.bytes), k.ops.join(" ")]),
  });
}

/** `ufom inspect PROBLEM`: the programs behind a problem, their work and memory, and the executor chosen for them. */
export async function inspect(given: string, options: InspectOptions, terminal: Terminal): Promise<ExitCode> {
  const { entry } = await loadProblem(given);
  const own = problemOptions(entry.name, entry.options, options.set ?? []);
  const seed = options.seed ?? 1;
  const { problem, defaults } = await entry.create(own, { seed, progress: text => terminal.note(text) });
  const dtype = options.dtype ?? defaults.dtype ?? "float32";
  tellNotes(terminal, problem, dtype);
  const native =
    options.native === undefined ? undefined : await openNative(options.executor ?? "auto", options.native, defaults.metaBatch ?? 1);
  const programs = await inspectPrograms(problem, dtype, seed, native);
  if (options.program !== undefined) {
    await showProgram(programs, options.program, entry.name, terminal);
    return exitCode.done;
  }
  const { executor, reason } = await openExecutor(options.executor ?? "auto", native);
  executor.dispose();
  const rows = programs.map(rowOf);
  terminal.json({ problem: entry.name, dtype, innerSteps: problem.steps, executor: { name: executor.name, reason }, kernels: rows });
  terminal.text(`${entry.name}: ${entry.summary}`);
  terminal.line(`${quantity(problem.steps, "inner step")}, ${dtype}`);
  terminal.table({
    columns: ["program", "", "nodes", "operations", "loops", "bytes moved", "memory", "code"],
    rows: rows.map(row => [
      row.name,
      meaning[row.name] ?? "",
      whole(row.nodes),
      short(row.flops),
      whole(row.loops),
      bytes(row.bytesFused),
      bytes(row.memory),
      bytes(row.code),
    ]),
    note: "Operations as counted from shapes; loops, bytes moved by one call, memory besides inputs and outputs, and code as the wasm executor makes them.",
  });
  const [keeping] = rows.filter(({ name }) => name === "step with residuals for pullback");
  if (keeping?.residualBytes !== undefined)
    terminal.text(
      `exact:residuals keeps ${bytes(keeping.residualBytes)} a step, ${bytes(problem.steps * keeping.residualBytes)} in all, beside the states.`,
    );
  terminal.text(`Executor: ${executor.name} (${reason}).`);
  terminal.line(`Programs are shown by: ${shellLine(["ufom", "inspect", given, "--program", "step"])}`);
  return exitCode.done;
}
