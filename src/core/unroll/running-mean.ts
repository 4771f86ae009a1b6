import type { Awaitable, Buffer } from "../../executors/executor.js";
import { convert } from "../../tensor/np/promote.js";
import { trace } from "../../tensor/trace.js";
import type { Type } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import type { Recorder } from "./recorder.js";

const wide = (xs: readonly Value[]): Value[] => xs.map(x => convert(x, "float64"));
/** The same in places of their own, also where they are float64 already: the next pass writes where the values lie. */
const copied = (xs: readonly Value[]): Value[] => xs.map(x => (x.dtype === "float64" ? x.mul(1) : convert(x, "float64")));
const inFloat64 = (types: readonly Type[]): Type[] => types.map(({ shape }) => ({ shape, dtype: "float64" }));

/** The mean of lists of arrays that a recorder writes down: sums in float64 in the order of the lists, the first array's mean in float64. */
export class RunningMean {
  #sums: Buffer[] = [];
  #types: readonly Type[] = [];
  #count = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly recorder: Recorder,
  ) {}

  async add(values: readonly Buffer[]): Promise<void> {
    const { dtype } = this.kernels;
    if (this.#count++ === 0) {
      this.#types = values.map(({ shape, dtype }) => ({ shape, dtype }));
      this.#sums = await this.#call("copy", values, types => trace(copied, [types], dtype).program);
      return;
    }
    const add = (sums: readonly Value[], xs: readonly Value[]) => wide(xs).map((x, i) => sums[i].add(x));
    const next = await this.#call("sum", [...this.#sums, ...values], types => {
      const own = types.slice(values.length);
      return trace(add, [inFloat64(own), own], dtype).program;
    });
    this.recorder.release(this.#sums);
    this.#sums = next;
  }

  result(): Awaitable<Buffer[]> {
    const count = this.#count,
      types = this.#types,
      divide = (sums: readonly Value[]) => sums.map((s, i) => (i ? convert(s.div(count), types[i].dtype) : s.div(count)));
    return this.#call(
      `mean of ${count} in ${this.kernels.dtype}`,
      this.#sums,
      () => trace(divide, [inFloat64(types)], this.kernels.dtype).program,
    );
  }

  #call(
    name: string,
    inputs: readonly Buffer[],
    make: (types: readonly Type[]) => ReturnType<typeof trace>["program"],
  ): Awaitable<Buffer[]> {
    return this.recorder.note(this.kernels.helper(name, inputs, make), inputs);
  }
}
