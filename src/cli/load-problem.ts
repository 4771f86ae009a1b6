import { stat } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "../core/problem/problem.js";
import type { Built, ProblemEntry } from "../problems/problem-entry.js";
import { UsageError } from "./failure.js";
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

/** Whether a problem is named by the path of a module. */
export const isPath = (text: string): boolean => /[\\/]/.test(text) || /\.[cm]?[jt]sx?$/.test(text);
const isObject = (x: unknown): x is object => typeof x === "object" && x !== null;
const isEntry = (x: object): x is ProblemEntry => "create" in x && typeof x.create === "function" && "options" in x && isObject(x.options);

function describe(x: unknown): string {
  if (Array.isArray(x)) return `a list of ${x.length}`;
  if (isObject(x)) return `an object { ${Object.keys(x).join(", ")} }`;
  return typeof x === "function" ? "a function" : JSON.stringify(x);
}

/** A module's `defaults`, `evaluate` and `track`, beside the problem that it exports. */
async function entryOf(module: Readonly<Record<string, unknown>>, given: string): Promise<ProblemEntry> {
  const hint = "export default defineProblem({ … })";
  if (!("default" in module)) {
    const names = Object.keys(module);
    throw new UsageError(
      `ufom: ${given} must have a problem as its default export (${hint}); it exports ${names.length > 0 ? `only ${names.join(", ")}` : "nothing"}.`,
    );
  }
  const { default: exported, defaults, evaluate, track } = module;
  if (isObject(exported) && isEntry(exported)) return exported;
  if (!isObject(exported) || !(brand in exported)) {
    throw new UsageError(`ufom: the default export of ${given} must be a problem (${hint}); received ${describe(exported)}.`);
  }
  // Loaded where a user's module is, and not before: the command starts fast.
  const { defaultsOf, functionOf } = await import("./user-module/defaults.js");
  const built: Built = {
    problem: exported as unknown as Problem,
    defaults: defaultsOf(path.basename(given), defaults),
    ...functionOf(path.basename(given), "evaluate", evaluate),
    ...functionOf(path.basename(given), "track", track),
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
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) throw new UsageError(`ufom: there is no file ${given} (looked for ${file}).`);
  let module;
  try {
    module = await importUserModule(file);
  } catch (error) {
    throw explainImport(error, given);
  }
  return { entry: await entryOf(module, given), reference: file };
}
