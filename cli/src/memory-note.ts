import type { Problem } from "ufom";
import { bytes } from "./report/format.js";
import { auto, type Settings } from "./settings.js";
import type { Terminal } from "./terminal.js";
import { quantity } from "ufom/internal/tensor/quantity";

/** States that together are smaller are not worth a word. */
const worthTelling = 64e6;

/** What there is: of the machine's memory, or of what this process may take of it. */
const free = (): number => process.availableMemory();

/**
 * What an estimator will hold of the inner loop's states, beside what there is; nothing for one that holds little.
 * @param available bytes
 */
export async function memoryNote(
  problem: Problem,
  { estimator, dtype, seed, innerSteps = problem.steps }: Pick<Settings, "estimator" | "dtype" | "seed" | "innerSteps">,
  available = free(),
): Promise<string | undefined> {
  // It chooses among those that fit.
  if (estimator === auto) return undefined;
  const [{ parseEstimator }, { heldStates }] = await Promise.all([import("ufom"), import("ufom/internal/core/solve/check-memory")]);
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype);
  const held = heldStates({ programs, steps: innerSteps, capacity: Infinity }, parseEstimator(estimator));
  if (held.bytes < worthTelling) return undefined;
  const { residuals } = held,
    kept =
      residuals?.step && residuals.steps
        ? ` and the residuals of ${quantity(residuals.steps, "step")}, ${bytes(residuals.step.bytes)} each`
        : "",
    sum = `${estimator} holds ${quantity(held.states, "state")} of ${bytes(held.bytesOfState)}${kept}, ${bytes(held.bytes)} in all`;
  const there =
    held.bytes > available ? `more than the ${bytes(available)} that are free here` : `of ${bytes(available)} that are free here`;
  return `${sum}, ${there}; exact:checkpoint=64 holds 64, ufom:adaptive ten, and ufom:adaptive:recompute one.`;
}

/** Says what a run will hold, before it starts. */
export async function tellMemory(terminal: Terminal, problem: Problem, settings: Settings): Promise<void> {
  const note = await memoryNote(problem, settings);
  if (note !== undefined) terminal.note(`Memory: ${note}`);
}
