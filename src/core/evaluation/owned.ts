import type { Executor } from "../../executors/executor.js";
import type { CompiledProblem } from "./compiled-problem.js";

/** Compiled problems that their executor keeps until their owner is no more: who lets go of the executor lets go of them all. */
const held = new WeakMap<Executor, Set<CompiledProblem>>();

/** It knows the compiled problem weakly, or an executor that was let go of would stay for as long as the owner does. */
const collected = new FinalizationRegistry<WeakRef<CompiledProblem>>(compiled => compiled.deref()?.dispose());

/** Gives what an executor holds for a compiled problem back when its owner was collected, unless it was disposed of before. */
export function ownedBy(owner: object, compiled: CompiledProblem): void {
  const { executor } = compiled,
    all = held.get(executor) ?? new Set<CompiledProblem>();
  held.set(executor, all.add(compiled));
  collected.register(owner, new WeakRef(compiled), compiled);
  compiled.onDispose(() => {
    all.delete(compiled);
    collected.unregister(compiled);
  });
}
