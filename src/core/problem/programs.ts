import { optimize } from "../../program/passes/index.js";
import type { Program } from "../../program/program.js";
import type { TracedFunction } from "../../tensor/trace.js";
import { leafTypes, mapTypes, trace, traceOpen } from "../../tensor/trace.js";
import type { ValueTree } from "../../tensor/tree.js";
import { leaves } from "../../tensor/tree.js";
import type { FloatType, HostArray, Type } from "../../tensor/types.js";
import { allocate } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import type { Definition, Like, Stacked } from "./definitions.js";
import { functionsOf, init, initPullback, outer } from "./definitions.js";
import { hasSymmetricStep } from "./inner-step.js";
import type { OddValue } from "./odd-value.js";
import { oddValue } from "./odd-value.js";
import type { AnySpec, Example } from "./spec.js";
import { definedAt } from "./where.js";

/** A definition's program. */
export interface DefinedProgram {
  readonly program: Program;
  /** Which leaves of θ its last outputs are gradients of; those that are zero by structure are left out. */
  readonly leaves: readonly number[];
}

/** Zero by structure: what the reverse walk returns for a value that it never reached. */
const isZero = (v: Value): boolean =>
  v.op === "literal" ? "value" in v.params && v.params.value === 0 : v.op === "broadcast" && isZero(v.inputs[0]);

const step: Type = { shape: [], dtype: "int32" };

const isStacked = (like: object): like is Stacked => "stacked" in like && typeof like.stacked === "string";

/** The programs of a problem for the shapes of one θ and task, each traced when it is first asked for. */
export class ProblemPrograms {
  /** The trees of θ and of a task with their leaves' types, and the types of the leaves of θ and of x = { φ, state }. */
  readonly theta: unknown;
  readonly task: unknown;
  readonly thetaTypes: readonly Type[];
  /** The tree of x = { φ, state } with its leaves' types. */
  readonly x: unknown;
  readonly state: readonly Type[];
  /** Where the problem was defined, for messages; see `definedAt`. */
  readonly definedAt: string;
  readonly #like: Readonly<Record<string, unknown>>;
  readonly #traced = new Map<Definition, DefinedProgram>();
  readonly #zeros: HostArray[] = [];
  #symmetricStep: boolean | undefined;

  constructor(
    private readonly spec: AnySpec,
    { theta, task }: Example,
    readonly dtype: FloatType,
  ) {
    const start = trace(init.of(functionsOf(spec)), [theta, task], dtype, Object.keys(init.args));
    this.theta = start.inputs[0];
    this.task = start.inputs[1];
    this.thetaTypes = leafTypes(this.theta);
    this.x = start.output;
    this.state = leafTypes(start.output);
    this.definedAt = definedAt(spec);
    this.#like = { theta: this.theta, task: this.task, x: start.output, step };
    this.#traced.set(init, { program: optimize(start.program), leaves: [] });
  }

  /** The program of a definition. @throws what the problem's functions throw */
  of(definition: Definition): DefinedProgram {
    let traced = this.#traced.get(definition);
    if (!traced) this.#traced.set(definition, (traced = this.#trace(definition)));
    return traced;
  }

  /** Zeros shaped as a leaf of θ; always the same array. */
  zeros(leaf: number): HostArray {
    const { shape, dtype } = this.thetaTypes[leaf];
    return (this.#zeros[leaf] ??= { shape, dtype, data: allocate({ shape, dtype }) });
  }

  /** The plain first-order gradient is zero: θ enters neither through the start nor through the outer loss. */
  get firstOrderVanishes(): boolean {
    return !this.of(outer).leaves.length && !this.of(initPullback).leaves.length;
  }

  /** ∂Φ_j/∂x is symmetric by the step's form: gradient descent with one step size for all of φ. */
  get symmetricStep(): boolean {
    const { theta, x, step: j } = this.#like;
    if (this.#symmetricStep === undefined) {
      let found = false;
      const ask = (t: never, z: never, k: Value) => {
        found = hasSymmetricStep(this.spec, t, z, k);
        return [];
      };
      trace(ask, [theta, x, j], this.dtype, ["theta", "x", "step"]);
      this.#symmetricStep = found;
    }
    return this.#symmetricStep;
  }

  /** Where a definition's outputs stop being finite, from inputs that are; nothing if they do not, as another executor's rounding may have it. */
  oddValue(definition: Definition, inputs: readonly HostArray[]): OddValue | undefined {
    return oddValue(() => this.#traceAsWritten(definition).traced, inputs);
  }

  #trace(definition: Definition): DefinedProgram {
    const { traced, present } = this.#traceAsWritten(definition);
    return { program: optimize(traced.program), leaves: present };
  }

  #traceAsWritten({ args, gradient, of }: Definition): { readonly traced: TracedFunction; readonly present: readonly number[] } {
    const names = Object.keys(args),
      types = Object.values(args).map(like => this.#typesOf(like)),
      f = of(functionsOf(this.spec)) as (...args: readonly unknown[]) => unknown;
    if (!gradient) return { traced: trace(f, types, this.dtype, names), present: [] };
    const present: number[] = [];
    const traced = traceOpen(
      (values, addInput) => {
        const [outputs, theta] = f(...values) as readonly [ValueTree, ValueTree];
        const parts = leaves(theta).flatMap((v, i) => {
          if (isZero(v)) return [];
          present.push(i);
          return [gradient === "accumulated" ? addInput(this.thetaTypes[i], `g.${i}`).add(v) : v];
        });
        return [outputs, parts];
      },
      types,
      this.dtype,
      names,
    );
    return { traced, present };
  }

  #typesOf(like: Like): unknown {
    if (typeof like === "string") return this.#like[like];
    if (!isStacked(like)) return like;
    return mapTypes(this.#like[like.stacked], ({ shape, dtype }) => ({ shape: [like.size, ...shape], dtype }));
  }
}
