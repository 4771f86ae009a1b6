import type { Machine } from "../evaluation/machine.js";
import { bytesOfState } from "../memory/fit.js";
import type { MemoryStrategy } from "../memory/strategy.js";
import type { Definition } from "../problem/definitions.js";
import type { KeptStep } from "../problem/kept-steps.js";
import type { Visited } from "./stretches.js";
import { lengthOf, stretchesOf, visitsOf } from "./stretches.js";

/** What a sweep's visits run, and at which steps; see `Sweep`. */
export interface Visits extends Visited {
  readonly program: Definition;
  readonly resumes?: boolean;
}

/** What a pass keeps of its last steps. */
export interface KeptSteps {
  /** Absent where too little is gained, so that nothing is kept. */
  readonly step?: KeptStep;
  /** For how many of the last steps that are visited there is room. */
  readonly steps: number;
  /** How many steps are visited. */
  readonly depth: number;
}

/** What a pass is to keep of its steps for its sweeps, as far as its memory strategy allows; nothing where that keeps states only. */
export function keptSteps(
  memory: MemoryStrategy,
  { programs, steps, capacity }: Pick<Machine, "programs" | "steps" | "capacity">,
  sweeps: readonly Visits[],
): KeptSteps | undefined {
  const depth = lengthOf(stretchesOf(sweeps, steps)),
    products = new Set(sweeps.flatMap(s => (visitsOf(s) && s.resumes ? [s.program] : [])));
  if (!memory.residualSteps || !products.size) return undefined;
  const step = programs.kept([...products]);
  if (!step) return { steps: 0, depth };
  return { step, steps: memory.residualSteps(depth, step.bytes, capacity - depth * bytesOfState(programs.state)), depth };
}
