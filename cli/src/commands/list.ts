import { spellings } from "../engine.js";
import { exitCode, type ExitCode } from "../failure.js";
import { builtInNames, loadBuiltIn } from "../problems.js";
import type { Terminal } from "../terminal.js";

/** `ufom list`: the built-in problems, and how estimators and outer transforms are spelled. */
export async function list(terminal: Terminal): Promise<ExitCode> {
  const entries = await Promise.all(builtInNames.map(loadBuiltIn));
  const problems = entries.map(({ name, summary, options, presets = [] }) => ({
    name,
    summary,
    options: Object.entries(options).map(([option, spec]) => ({
      name: option,
      summary: spec.summary,
      expects: spec.expects,
      default: spec.default,
    })),
    presets: presets.map(({ name: preset, summary: of, source, innerSteps, metaBatch, estimators: compared, total }) => ({
      name: preset,
      summary: of,
      source,
      innerSteps: Object.fromEntries(compared.map(estimator => [estimator, innerSteps(estimator)])),
      metaBatch,
      estimators: compared,
      total,
    })),
  }));
  const { estimators, memory, outer, rates } = await spellings();
  terminal.json({ problems, estimators, memory, outer, rates });
  const rows = (items: readonly { readonly spelling: string; readonly summary: string }[]) =>
    items.map(({ spelling, summary }) => [spelling, summary]);
  terminal.table({
    columns: ["PROBLEM", "what is learned"],
    rows: [
      ...problems.map(({ name, summary }) => [name, summary]),
      ["./my-problem.ts", "your own module: export default defineProblem({ … })"],
    ],
  });
  const named = problems.flatMap(({ name, presets }) => presets.map(preset => [preset.name, `${name}: ${preset.summary}`]));
  if (named.length > 0) terminal.table({ columns: ["--preset", "published protocol"], rows: named });
  terminal.table({ columns: ["--estimator", "gradient"], rows: rows(estimators) });
  terminal.table({ columns: ["MEMORY", "what the exact gradient keeps"], rows: rows(memory) });
  terminal.table({ columns: ["--outer", "update of θ"], rows: rows(outer) });
  terminal.table({ columns: ["RATE", "step size of outer step k"], rows: rows(rates) });
  return exitCode.done;
}
