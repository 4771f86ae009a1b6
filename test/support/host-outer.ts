import type { Buffer, Executable, Executor } from "../../src/executors/executor.js";
import type { FloatType, HostArray, HostTree } from "../../src/tensor/types.js";
import { flattenLike, rebuildLike } from "../../src/core/trees/host-leaves.js";
import { stepCodes, traceOuter, type OuterPrograms } from "../../src/core/outer/outer-programs.js";
import type { OuterTransform } from "../../src/core/outer/transform.js";

/** A step of an outer transform, as host trees. */
export interface HostStep {
  readonly theta: HostTree;
  readonly state: HostTree;
  /** ‖gradient‖. */
  readonly gradientNorm: number;
  /** 0, or what was wrong (`stepCodes`): θ and the state are then as they were. */
  readonly code: number;
}

/** An outer transform's programs on an executor, from host trees to host trees. */
export class HostOuter {
  readonly #executor: Executor;
  readonly #programs: OuterPrograms;
  readonly #compiled = new Map<"init" | "update", Executable>();

  /** @param theta a tree of types, or of arrays @throws as `traceOuter` */
  constructor(transform: OuterTransform, theta: unknown, { executor, dtype }: { executor: Executor; dtype: FloatType }) {
    this.#executor = executor;
    this.#programs = traceOuter(transform, theta, dtype);
  }

  /** The state before the first step. */
  async init(theta: HostTree): Promise<HostTree> {
    const { theta: types, state } = this.#programs;
    return rebuildLike(state, await this.#run("init", flattenLike("θ", types, theta)));
  }

  /**
   * The step k, from θ and the state after k − 1 steps, before which a share of the run was done.
   * @throws UfomError if a rate is out of range at this step
   */
  async update(gradient: HostTree, state: HostTree, theta: HostTree, k: number, loss: number, share = 0): Promise<HostStep> {
    const { theta: types, state: stateTypes, refuseRate } = this.#programs,
      before = flattenLike("θ", types, theta);
    const out = await this.#run("update", [
      ...before,
      ...flattenLike("the outer transform's state", stateTypes, state),
      { shape: [], dtype: "int32", data: Int32Array.of(k - 1) },
      { shape: [4], dtype: "float64", data: new Float64Array(4) },
      ...flattenLike("the gradient", types, gradient),
      { shape: [], dtype: "float64", data: Float64Array.of(loss) },
      { shape: [3], dtype: "float64", data: Float64Array.of(share, 0, 1) },
    ]);
    const [, gradientNorm, code] = out[out.length - 1].data;
    if (code === stepCodes.rate) refuseRate(k, share);
    const leaves = before.length;
    return { theta: rebuildLike(types, out.slice(0, leaves)), state: rebuildLike(stateTypes, out.slice(leaves, -2)), gradientNorm, code };
  }

  dispose(): void {
    for (const executable of this.#compiled.values()) executable.dispose();
    this.#compiled.clear();
  }

  async #run(name: "init" | "update", arrays: readonly HostArray[]): Promise<HostArray[]> {
    let executable = this.#compiled.get(name);
    if (!executable) this.#compiled.set(name, (executable = await this.#executor.compile(this.#programs[name], `outer ${name}`)));
    const inputs = arrays.map(array => this.#executor.upload(array)),
      held: Buffer[] = [...inputs];
    try {
      const outputs = await executable.run(inputs);
      held.push(...outputs);
      return await this.#executor.readAll(outputs);
    } finally {
      for (const buffer of held) this.#executor.free(buffer);
    }
  }
}
