import { stat } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "ufom";
import type { Built, CreateContext, Criterion, ProblemEntry } from "./problems/problem-entry.js";
import type { OptionValues } from "./problems/option.js";
import { UsageError } from "./failure.js";
import { ifAbsent } from "./file-errors.js";
import { loadBuiltIn } from "./problems.js";
import { importUserModule } from "./user-module/import.js";
import { explainImport } from "./user-module/explain.js";
import { optionsOf } from "./user-module/options.js";

/** A problem that was named on the command line. */
export interface LoadedProblem {
  readonly entry: ProblemEntry;
  /** A built-in name, or the absolute path of a module, so that it can be used from any folder. */
  readonly reference: string;
}

/** The symbol that marks results of `defineProblem`; it is the same in every copy of ufom, for a user's may not be the command's. */
const brand = Symbol.for("ufom.problem");

/** Whether a problem is named by the path of a module. */
export const isPath = (text: string): boolean => /[\\/]/.test(text) || /\.[cm]?[jt]sx?$/.test(text);
const isObject = (x: unknown): x is object => typeof x === "object" && x !== null;
const isProblem = (x: unknown): x is Problem => isObject(x) && brand in x;
/** A default export that makes the problem of its options. */
type MakesProblem = (options: OptionValues, context: CreateContext) => unknown;
type Measure = NonNullable<Built["evaluate"]>;
const isEntry = (x: object): x is ProblemEntry => "create" in x && typeof x.create === "function" && "options" in x && isObject(x.options);

function describe(x: unknown): string {
  if (Array.isArray(x)) return `a list of ${x.length}`;
  if (isObject(x)) return `an object { ${Object.keys(x).join(", ")} }`;
  return typeof x === "function" ? "a function" : JSON.stringify(x);
}

/** @throws UsageError if a module's `criterion` is not one, or there are no figures that it could name */
function checkedCriterion(criterion: unknown, given: string, figures: unknown): Criterion {
  const { metric, goal } = (isObject(criterion) ? criterion : {}) as Partial<Criterion>;
  if (typeof metric !== "string" || (goal !== "lowest" && goal !== "highest")) {
    throw new UsageError(
      `ufom: the criterion of ${given} must be { metric, goal }, a figure's name and "lowest" or "highest"; received ${JSON.stringify(criterion)}.`,
    );
  }
  if (typeof figures !== "function")
    throw new UsageError(
      `ufom: the criterion of ${given} needs a track or an evaluate that returns ${metric}; the module exports neither.`,
    );
  return { metric, goal };
}

/** A module's `options`, `defaults`, `evaluate`, `track` and `criterion`, beside the problem, or the function that makes it, that it exports. */
function entryOf(module: Readonly<Record<string, unknown>>, given: string): ProblemEntry {
  const hint = "export default defineProblem({ … })";
  if (!("default" in module)) {
    const names = Object.keys(module);
    throw new UsageError(
      `ufom: ${given} must have a problem as its default export (${hint}); it exports ${names.length > 0 ? `only ${names.join(", ")}` : "nothing"}.`,
    );
  }
  const { default: exported, defaults, evaluate, track, criterion } = module;
  if (isObject(exported) && isEntry(exported)) return exported;
  const options = optionsOf(module.options, given);
  if (typeof exported !== "function" && !isProblem(exported)) {
    throw new UsageError(`ufom: the default export of ${given} must be a problem (${hint}); received ${describe(exported)}.`);
  }
  if (typeof exported !== "function" && module.options !== undefined) {
    const named = Object.keys(options).join(", ");
    throw new UsageError(
      `ufom: ${given} exports options, so its default export must be a function of them (export default ({ ${named} }) => defineProblem({ … })); received a problem.`,
    );
  }
  const file = path.basename(given);
  return {
    name: file.replace(/\.[^.]+$/, ""),
    summary: isProblem(exported) && exported.name !== "problem" ? `the problem "${exported.name}" of ${file}` : `the problem of ${file}`,
    options,
    async create(values, context) {
      const problem: unknown = typeof exported === "function" ? await (exported as MakesProblem)(values, context) : exported;
      if (!isProblem(problem)) {
        throw new UsageError(`ufom: the function that ${given} exports must return a problem (${hint}); received ${describe(problem)}.`);
      }
      // What a module measures may depend on its options as the problem does.
      const withOptions =
        (f: Measure): Measure =>
        (theta, given) =>
          f(theta, { ...given, options: values });
      // Here and not above: help and lists are there without the library.
      const { defaultsOf, functionOf } = await import("./user-module/defaults.js"),
        measures = { ...functionOf(file, "evaluate", evaluate), ...functionOf(file, "track", track) };
      return {
        problem,
        defaults: defaultsOf(file, defaults),
        ...(criterion === undefined ? {} : { criterion: checkedCriterion(criterion, given, evaluate ?? track) }),
        ...Object.fromEntries(Object.entries(measures).map(([name, f]) => [name, withOptions(f)])),
      };
    },
  };
}

/**
 * Finds a problem by its built-in name or by the path of a module.
 * @throws UsageError in one sentence if there is none, or the module cannot be loaded
 */
export async function loadProblem(given: string): Promise<LoadedProblem> {
  if (!isPath(given)) return { entry: await loadBuiltIn(given), reference: given };
  const file = path.resolve(given);
  const found = await stat(file).catch(ifAbsent);
  if (found?.isDirectory()) throw new UsageError(`ufom: ${given} must be a module; it is a folder.`);
  if (found === undefined) throw new UsageError(`ufom: there is no file ${given} (looked for ${file}).`);
  let module;
  try {
    module = await importUserModule(file);
  } catch (error) {
    throw explainImport(error, given);
  }
  return { entry: entryOf(module, given), reference: file };
}
