import { rmSync } from "node:fs";
import type { HostTree, Problem } from "../../src/index.js";
import { omniglotFolder } from "./omniglot-folder.js";

/** What an example's module exports. */
export interface Example {
  readonly default: Problem;
  readonly defaults: { readonly estimator: string; readonly outer: string; readonly outerSteps: number; readonly metaBatch?: number };
  evaluate(theta: HostTree): Promise<Record<string, number>>;
}

/** The names of the examples' files, which are also the tests'. */
export const exampleNames = [
  "1-hyper-cleaning",
  "2-maml-sinusoid",
  "3-ridge-penalties",
  "4-learned-step-sizes",
  "5-few-shot",
  "6-inner-adam",
] as const;
export type ExampleName = (typeof exampleNames)[number];

/** An example's module; few-shot's reads made-up drawings, whether Omniglot is there or not. */
export async function load(name: ExampleName): Promise<Example> {
  if (name !== "5-few-shot") return (await import(`../../examples/${name}.ts`)) as Example;
  const { UFOM_DATA } = process.env,
    folder = omniglotFolder();
  try {
    process.env.UFOM_DATA = folder;
    return await import("../../examples/5-few-shot.js");
  } finally {
    // The module has read all of it.
    rmSync(folder, { recursive: true });
    if (UFOM_DATA === undefined) delete process.env.UFOM_DATA;
    else process.env.UFOM_DATA = UFOM_DATA;
  }
}
