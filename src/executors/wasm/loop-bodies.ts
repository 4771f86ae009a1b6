import { storageOf } from "../../compiler/graph/tensor.js";
import type { LoopKernel } from "../../compiler/schedule/kernel.js";
import type { LoopLayout } from "../../compiler/schedule/loop-layout.js";
import type { Region } from "../../compiler/schedule/memory-plan.js";
import type { LoopPlan, Schedule } from "../../compiler/schedule/schedule.js";
import type { ConstantArea } from "./constant-area.js";
import { cutAssemblies, cutKernels } from "./cut.js";
import { FunctionBuilder } from "./assembler.js";
import type { Code } from "./emit/code.js";
import { addressing, argumentsOf, argumentsUsed, planned } from "./emit/pointers.js";
import type { Arguments } from "./emit/pointers.js";
import { emitCopy } from "./kernels/copy.js";
import { emitKernel } from "./kernels/kernel.js";
import type { MathLibrary } from "./math-library.js";

/** The programs within a program as functions of its module. Their scratch lies in the workspace of their loop, their constants behind the program's. */
export class LoopBodies {
  private readonly made = new Map<LoopKernel, readonly number[]>();

  constructor(
    readonly library: MathLibrary,
    private readonly constants: ConstantArea,
  ) {}

  /** A kernel's bodies. @param scratch where the area of the kernel's own program begins, in that of the module */
  loopOf(kernel: LoopKernel, { loops, plan }: Schedule, scratch: number): { layout: LoopLayout; bodies: readonly number[] } {
    const { layout, bodies } = loops.get(kernel) as LoopPlan;
    let made = this.made.get(kernel);
    if (!made) {
      const within = scratch + planned(plan.workspaces.get(kernel.root), kernel.root) + layout.scratch;
      made = bodies.map((body, which) => this.add(body, kernel.root.loop.bodies[which].inputs.length, within));
      this.made.set(kernel, made);
    }
    return { layout, bodies: made };
  }

  /** The function of a body: one parameter, a pointer to the pointers of its inputs and outputs. */
  private add(schedule: Schedule, inputs: number, scratch: number): number {
    const { plan, outputs } = schedule,
      own = cutAssemblies(schedule.kernels, plan),
      constants = this.constants.add(plan);
    const codeIn = (f: FunctionBuilder, given: Arguments): Code => {
      const inBody = addressing(f, given, inputs);
      const addressOf = (r: Region) =>
        "index" in r ? inBody(r) : inBody({ ...r, offset: r.offset + (r.area === "scratch" ? scratch : constants) });
      return {
        f,
        addressOf: t => addressOf(planned(own.regions.get(storageOf(t)), t)),
        workspaceOf: t => addressOf({ area: "scratch", offset: planned(plan.workspaces.get(t), t) }),
        isStored: t => plan.stored.has(t),
        isInPlace: t => plan.inPlace.has(t),
        loopOf: kernel => this.loopOf(kernel, schedule, scratch),
        math: this.library.indexOf,
      };
    };
    const parts = cutKernels(own.kernels);
    return this.library.add(() => {
      const body = new FunctionBuilder("body", ["i32"]);
      for (const { kernels } of parts) {
        const index = this.library.add(() => {
          const f = new FunctionBuilder("part", ["i32"]),
            code = codeIn(f, argumentsOf(f, argumentsUsed(kernels, own, inputs)));
          for (const kernel of kernels) emitKernel(code, kernel);
          return f;
        });
        body.get(body.parameters[0]).call(index);
      }
      const copied = plan.copies.map(({ from, output }) => ({ from, output, region: plan.regions.get(from) }));
      const used = copied.flatMap(({ output, region }) => [
        inputs + output,
        ...(region && "index" in region ? [region.index + (region.area === "output" ? inputs : 0)] : []),
      ]);
      const given = argumentsOf(body, [...new Set(used)]),
        code = codeIn(body, given);
      for (const { from, output } of plan.copies) emitCopy(code, from, outputs[output], { base: given.get(inputs + output)!, offset: 0 });
      return body;
    });
  }
}
