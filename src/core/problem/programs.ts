import { optimize } from "../../program/passes/index.js";
import type { Program } from "../../program/program.js";
import { leafTypes, trace, traceOpen } from "../../tensor/trace.js";
import { grad, valueAndGrad, vjp } from "../../tensor/transform.js";
import type { ValueTree } from "../../tensor/tree.js";
import { leaves } from "../../tensor/tree.js";
import type { FloatType, Type } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { InnerState } from "./functions.js";
import { initial, outerLoss } from "./functions.js";
import { innerStep, stepProduct } from "./inner-step.js";
import type { AnySpec, Example } from "./problem.js";
import { definedAt } from "./where.js";

/** A program whose last outputs are gradients of leaves of θ; those that are zero by structure are left out. */
export interface ThetaProgram {
  readonly program: Program;
  /** Which leaves of θ the last outputs belong to. */
  readonly leaves: readonly number[];
}

/** The programs that everything is built from, each traced when it is first asked for. x = { φ, state } is what an inner step maps. */
export interface ProblemPrograms {
  /** The trees of θ and of a task with their leaves' types, and the types of the leaves of x. */
  readonly theta: unknown;
  readonly task: unknown;
  /** Where the problem was defined, for messages; see `definedAt`. */
  readonly definedAt: string;
  readonly state: readonly Type[];
  /** (θ, T) ↦ x₀. */
  readonly init: Program;
  /** (θ, x, T, j) ↦ Φ_j(θ, x, T). */
  readonly step: Program;
  /** (θ, x, T, j, u, g) ↦ ((∂Φ_j/∂x)ᵀu, g + (∂Φ_j/∂θ)ᵀu). */
  readonly pullback: ThetaProgram;
  /** (θ, x, T, j, u, g) ↦ g + (∂Φ_j/∂θ)ᵀu. */
  readonly mixed: ThetaProgram;
  /** (θ, x, T) ↦ (L_out, ∂L_out/∂x, ∂L_out/∂θ). */
  readonly outer: ThetaProgram;
  /** (θ, T, u) ↦ (∂V/∂θ)ᵀu. */
  readonly initPullback: ThetaProgram;
}

/** Names of the programs, in the order in which a gradient uses them. */
export const programNames = ["init", "step", "outer", "pullback", "mixed", "initPullback"] as const;
export type ProgramName = (typeof programNames)[number];

/** Zero by structure: what the reverse walk returns for a value that it never reached. */
const isZero = (v: Value): boolean =>
  v.op === "literal" ? "value" in v.params && v.params.value === 0 : v.op === "broadcast" && isZero(v.inputs[0]);

/** What a traced function of gradients returns: other outputs, and the gradient with respect to θ. */
interface Gradients {
  readonly outputs: ValueTree;
  readonly theta: ValueTree;
}

/** Traces the programs of a problem for the shapes of an example. */
export function tracePrograms(spec: AnySpec, { theta, task }: Example, dtype: FloatType): ProblemPrograms {
  const start = trace((t: never, k: never) => initial(spec, t, k), [theta, task], dtype, ["theta", "task"]);
  const x = start.output,
    step: Type = { shape: [], dtype: "int32" },
    thetaTypes = leafTypes(start.inputs[0]);

  const plain = (f: (...args: never[]) => unknown, args: Record<string, unknown>) =>
    optimize(trace(f, Object.values(args), dtype, Object.keys(args)).program);

  /** Gradients of θ, each added to an input `g` of its own where they accumulate over steps. */
  const gradients = (f: (...args: never[]) => Gradients, args: Record<string, unknown>, accumulate: boolean): ThetaProgram => {
    const used: number[] = [];
    const { program } = traceOpen(
      (values, addInput) => {
        const { outputs, theta: g } = (f as (...a: readonly unknown[]) => Gradients)(...values);
        const parts = leaves(g).flatMap((v, i) =>
          isZero(v) ? [] : (used.push(i), accumulate ? [addInput(thetaTypes[i], `g.${i}`).add(v)] : [v]),
        );
        return [outputs, parts];
      },
      Object.values(args),
      dtype,
      Object.keys(args),
    );
    return { program: optimize(program), leaves: used };
  };

  const make: { [P in ProgramName]: () => ProblemPrograms[P] } = {
    init: () => optimize(start.program),
    step: () => plain((t: never, at: InnerState, k: never, j: Value) => innerStep(spec, t, at, k, j), { theta, x, task, step }),
    pullback: () =>
      gradients(
        (t: never, at: InnerState, k: never, j: Value, u: InnerState) => {
          const product = ([th, z]: [never, InnerState]) => stepProduct(spec, th, z, k, j, u);
          const [gTheta, gX] = grad(product as never)([t, at] as never) as unknown as [ValueTree, ValueTree];
          return { outputs: gX, theta: gTheta };
        },
        { theta, x, task, step, u: x },
        true,
      ),
    mixed: () =>
      gradients(
        (t: never, at: InnerState, k: never, j: Value, u: InnerState) => ({
          outputs: [],
          theta: grad((th: never) => stepProduct(spec, th, at, k, j, u))(t),
        }),
        { theta, x, task, step, u: x },
        true,
      ),
    outer: () =>
      gradients(
        (t: never, at: InnerState, k: never) => {
          const loss = ([th, z]: [never, InnerState]) => outerLoss(spec, th, z.phi, k);
          const [value, [gTheta, gX]] = valueAndGrad(loss as never)([t, at] as never) as unknown as [Value, [ValueTree, ValueTree]];
          return { outputs: [value, gX], theta: gTheta };
        },
        { theta, x, task },
        false,
      ),
    initPullback: () =>
      gradients(
        (t: never, k: never, u: never) => {
          const [, pull] = vjp((th: never) => initial(spec, th, k) as unknown as ValueTree, t);
          return { outputs: [], theta: pull(u) };
        },
        { theta, task, u: x },
        false,
      ),
  };
  const programs = {
    theta: start.inputs[0],
    task: start.inputs[1],
    definedAt: definedAt(spec),
    state: leafTypes(x),
  } as unknown as ProblemPrograms;
  for (const name of programNames) {
    let made: unknown;
    Object.defineProperty(programs, name, { enumerable: true, get: () => (made ??= make[name]()) });
  }
  return programs;
}
