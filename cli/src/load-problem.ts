import { stat } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "ufom";
import type { Built, Criterion, Defaults, ProblemEntry } from "./problems/problem-entry.js";
import { UsageError } from "./failure.js";
import { ifAbsent } from "./file-errors.js";
import { loadBuiltIn } from "./problems.js";
import { importUserModule } from "./user-module/import.js";
import { explainImport } from "./user-module/explain.js";

/** A problem that was named on the command line. */
export interface LoadedProblem {
  readonly entry: ProblemEntry;
  /** A built-in name, or the absolute path of a module, so that it can be used from any folder. */
  readonly reference: string;
}

/** The symbol that marks results of `defineProblem`; it is the same in every copy of ufom, for a user's may not be the command's. */
const brand = Symbol.for("ufom.problem");

/** The defaults of a user's module, for those that it does not export. */
const userDefaults: Defaults = { estimator: "exact", outer: "adam:0.01", outerSteps: 100 };

/** Whether a problem is named by the path of a module. */
export const isPath = (text: string): boolean => /[\\/]/.test(text) || /\.[cm]?[jt]sx?$/.test(text);
const isObject = (x: unknown): x is object => typeof x === "object" && x !== null;
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

/** A module's `defaults`, `evaluate` and `track`, beside the problem that it exports. */
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
  if (!isObject(exported) || !(brand in exported)) {
    throw new UsageError(`ufom: the default export of ${given} must be a problem (${hint}); received ${describe(exported)}.`);
  }
  const built: Built = {
    problem: exported as unknown as Problem,
    defaults: { ...userDefaults, ...(defaults as Partial<Defaults> | undefined) },
    ...(typeof evaluate === "function" ? { evaluate: evaluate as Built["evaluate"] } : {}),
    ...(typeof track === "function" ? { track: track as Built["track"] } : {}),
    ...(criterion === undefined ? {} : { criterion: checkedCriterion(criterion, given, evaluate ?? track) }),
  };
  const file = path.basename(given);
  const summary = built.problem.name === "problem" ? `the problem of ${file}` : `the problem "${built.problem.name}" of ${file}`;
  return { name: file.replace(/\.[^.]+$/, ""), summary, options: {}, create: () => built };
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
