import type { ProblemEntry } from "./problems/problem-entry.js";
import { UsageError } from "./failure.js";
import { nearest } from "ufom/internal/tensor/nearest";

/** The problems that come with the package, loaded when they are named. */
const builtIn: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  toy: () => import("./problems/toy/index.js"),
  "hyper-cleaning": () => import("./problems/hyper-cleaning/index.js"),
  "few-shot": () => import("./problems/few-shot/index.js"),
};

export const builtInNames: readonly string[] = Object.keys(builtIn);

/** @throws UsageError if there is no built-in problem of that name */
export async function loadBuiltIn(name: string): Promise<ProblemEntry> {
  if (!Object.hasOwn(builtIn, name)) {
    const near = nearest(name, builtInNames);
    throw new UsageError(
      `ufom: there is no problem named ${JSON.stringify(name)}; `
        + (near === undefined ? "" : `did you mean ${near}? `)
        + `There are ${builtInNames.join(", ")}, or give the path of a module of your own (./my-problem.ts).`,
    );
  }
  return (await builtIn[name]()).default as ProblemEntry;
}
