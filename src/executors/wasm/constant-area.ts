import type { MemoryPlan } from "../../compiler/schedule/memory-plan.js";
import { storedForm } from "./stored-form.js";

/** The constants of a program in memory: its own, and behind them those of the programs within it. */
export class ConstantArea {
  private readonly constants: MemoryPlan["constants"][number][] = [];
  private bytes = 0;

  constructor(plan: MemoryPlan) {
    this.add(plan);
  }

  /** Takes those of a program in, and says where they begin. */
  add({ constants, constantBytes }: MemoryPlan): number {
    const start = this.bytes;
    this.bytes += constantBytes;
    for (const { tensor, offset } of constants) this.constants.push({ tensor, offset: start + offset });
    return start;
  }

  /** What lies there. */
  contents(): Uint8Array {
    const out = new Uint8Array(this.bytes);
    for (const { tensor, offset } of this.constants) out.set(storedForm(tensor.dtype, tensor.data), offset);
    return out;
  }
}
