import { bytes, short, whole } from "../../report/format.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { openExecutor, inspectPrograms, printed } from "../engine.js";
import { loadProblem } from "../load-problem.js";
import { nearest } from "../nearest.js";
import { problemOptions, type ExecutorName } from "../settings.js";
import type { Terminal } from "../terminal.js";
import type { FloatType } from "../../tensor/types.js";

/** The options of `ufom inspect`. */
export interface InspectOptions {
  readonly seed?: number;
  readonly dtype?: FloatType;
  readonly executor?: ExecutorName;
  readonly program?: string;
  readonly set?: readonly string[];
}

/** What each program of a problem is for. */
const meaning: Readonly<Record<string, string>> = {
  init: "φ₀ = V(θ, T)",
  step: "φ_j from φ_{j−1}",
  outer: "L_out and its gradients",
  outerLoss: "L_out alone",
  pullback: "u and g one step back",
  mixed: "g alone one step back",
  initPullback: "through V to θ",
};

/** `ufom inspect PROBLEM`: the programs behind a problem, their work and memory, and the executor chosen for them. */
export async function inspect(given: string, options: InspectOptions, terminal: Terminal): Promise<ExitCode> {
  const { entry } = await loadProblem(given);
  const own = problemOptions(entry.name, entry.options, options.set ?? []);
  const seed = options.seed ?? 1;
  const { problem, defaults } = await entry.create(own, { seed, progress: text => terminal.note(text) });
  const dtype = options.dtype ?? defaults.dtype ?? "float32";
  const kernels = await inspectPrograms(problem, dtype, seed);
  const names = kernels.map(({ name }) => name);
  if (options.program !== undefined) {
    const kernel = kernels.find(({ name }) => name === options.program);
    if (kernel === undefined) {
      const near = nearest(options.program, names);
      throw new UsageError(
        `ufom: --program must be one of ${names.join(", ")}${near === undefined ? "" : ` (did you mean ${near}?)`}; received ${JSON.stringify(options.program)}.`,
      );
    }
    terminal.json({ problem: entry.name, program: kernel.name, hash: kernel.hash, nodes: kernel.program.nodes });
    terminal.line(await printed(kernel.program));
    return exitCode.done;
  }
  const { executor, reason } = await openExecutor(options.executor ?? "auto");
  executor.dispose();
  const rows = kernels.map(({ program, ...kernel }) => ({ ...kernel, nodes: program.nodes.length }));
  terminal.json({ problem: entry.name, dtype, innerSteps: problem.steps, executor: { name: executor.name, reason }, kernels: rows });
  terminal.line(`${entry.name}: ${entry.summary}`);
  terminal.line(`${problem.steps} inner steps, ${dtype}`);
  terminal.table({
    columns: ["program", "", "nodes", "operations", "bytes moved", "loops", "memory", "code"],
    rows: rows.map(k => [
      k.name,
      meaning[k.name] ?? "",
      whole(k.nodes),
      short(k.flops),
      bytes(k.bytes),
      whole(k.loops),
      bytes(k.memory),
      bytes(k.code),
    ]),
    note: "Operations and bytes as counted from shapes, before fusion; loops, memory and code as the wasm executor makes them.",
  });
  terminal.line(`Executor: ${executor.name} (${reason}).`);
  terminal.line(`Programs are shown by: ufom inspect ${given} --program ${names.includes("step") ? "step" : names[0]}`);
  return exitCode.done;
}
