// The hypergradient without the library's core: the whole inner loop written in the tensor language and differentiated at once.
import type { AnySpec } from "../../src/core/problem/spec.js";
import { rebuildLike } from "../../src/core/trees/host-leaves.js";
import { evaluateProgram } from "../../src/program/evaluate.js";
import { inPrecision } from "../../src/core/trees/precision.js";
import { grad, jvp, valueAndGrad } from "../../src/tensor/transform.js";
import { trace } from "../../src/tensor/trace.js";
import * as np from "../../src/tensor/np/index.js";
import * as tree from "../../src/tensor/tree.js";
import type { ValueTree } from "../../src/tensor/tree.js";
import type { FloatType, HostArray, HostTree } from "../../src/tensor/types.js";
import { Value } from "../../src/tensor/value.js";
import { leaves } from "../../src/core/trees/host-tree.js";

type Loss = (theta: ValueTree) => Value;

/** L_out(θ, φ_r(θ)) as one expression. */
const outerLoss =
  (spec: AnySpec, task: never, steps: number): Loss =>
  theta => {
    const th = theta as never,
      { inner } = spec;
    let phi = spec.init(th, task) as ValueTree,
      state = inner.state?.(th, phi) as ValueTree;
    const optimizer = typeof inner.optimizer === "function" ? inner.optimizer(th) : inner.optimizer;
    if (optimizer) state = optimizer.init(phi);
    for (let j = 0; j < steps; j++) {
      const step = np.array({ shape: [], dtype: "int32", data: Int32Array.of(j) });
      if (inner.step) {
        ({ phi, state } = inner.step(th, { phi, state, step }, task) as { phi: ValueTree; state: ValueTree });
        continue;
      }
      const g = grad((p: ValueTree) => inner.loss!(th, p, task, step) as Value)(phi),
        { rate } = inner;
      if (optimizer) {
        const next = optimizer.update(g, state, phi, np.add(step, 1));
        [phi, state] = [tree.map((p, d) => p.add(d), phi, next.updates), next.state];
        continue;
      }
      const alpha = typeof rate === "function" ? rate(th, step) : typeof rate === "number" ? rate : rate![j];
      phi =
        typeof alpha === "number" || Value.is(alpha)
          ? tree.map((p, d) => p.sub(d.mul(alpha)), phi, g)
          : tree.map((p, d, a) => p.sub(d.mul(a)), phi, g, alpha as ValueTree);
    }
    return spec.outer(th, phi, task) as Value;
  };

/** The numbers of a traced function, by the operations' reference rules, without passes over the program. */
function run(f: (...args: never[]) => unknown, args: readonly HostTree[], dtype: FloatType): HostArray[] {
  const { program } = trace(f, args, dtype);
  const values = evaluateProgram(
    program,
    args.flatMap(arg => leaves(inPrecision(arg, dtype))),
  );
  return program.outputs.map(i => values[i]);
}

/** Value and gradient by reverse mode through everything. */
export function wholeLoop(
  spec: AnySpec,
  theta: HostTree,
  task: HostTree,
  steps: number,
  dtype: FloatType = "float64",
): { loss: number; gradient: HostTree } {
  const f = (th: never, t: never) => valueAndGrad(outerLoss(spec, t, steps))(th) as unknown as ValueTree;
  const [loss, ...gradient] = run(f, [theta, task], dtype);
  return { loss: loss.data[0], gradient: rebuildLike(theta, gradient) };
}

/** ⟨∇M, v⟩ by forward mode through everything. */
export function wholeLoopAlong(spec: AnySpec, theta: HostTree, task: HostTree, steps: number, direction: HostTree): number {
  const f = (th: never, t: never, v: never) => jvp(outerLoss(spec, t, steps), th as ValueTree, v as ValueTree)[1];
  return run(f, [theta, task, direction], "float64")[0].data[0];
}
