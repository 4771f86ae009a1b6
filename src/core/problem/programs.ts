import { optimize } from "../../program/passes/index.js";
import type { IndexUse } from "../../tensor/index-uses.js";
import { indexUses } from "../../tensor/index-uses.js";
import type { TracedFunction } from "../../tensor/trace.js";
import { leafTypes, mapTypes, trace, traceOpen } from "../../tensor/trace.js";
import type { ValueTree } from "../../tensor/tree.js";
import { leaves } from "../../tensor/tree.js";
import type { FloatType, HostArray, Type } from "../../tensor/types.js";
import { allocate } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { workingTypes } from "../trees/precision.js";
import type { DefinedProgram, Definition, Like, Stacked } from "./definitions.js";
import { functionsOf, init, outer, startPullback } from "./definitions.js";
import type { KeptStep } from "./kept-steps.js";
import { keptStep } from "./kept-steps.js";
import type { InnerState } from "./functions.js";
import { checkIndices, notesOnSteps } from "./index-checks.js";
import { hasSymmetricStep, ownStepWithoutGradient } from "./inner-step.js";
import type { OddValue } from "./odd-value.js";
import { oddValue } from "./odd-value.js";
import type { AnySpec, Example } from "./spec.js";
import { definedAt } from "./where.js";

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
  readonly state: readonly Type[];
  /** The tree of x = { φ, state } with its leaves' types; those of φ come first. */
  readonly x: { readonly phi: unknown; readonly state: unknown };
  /** Where the problem was defined, for messages; see `definedAt`. */
  readonly definedAt: string;
  readonly #like: Readonly<Record<string, unknown>>;
  readonly #traced = new Map<Definition, DefinedProgram>();
  readonly #kept: { readonly products: readonly Definition[]; readonly step: KeptStep | undefined }[] = [];
  readonly #zeros: HostArray[] = [];
  #symmetricStep: boolean | undefined;
  #hidesItsGradient: boolean | undefined;
  #indexUses: readonly IndexUse[] | undefined;

  constructor(
    private readonly spec: AnySpec,
    { theta, task }: Example,
    readonly dtype: FloatType,
  ) {
    const start = trace(init.of(functionsOf(spec)), [workingTypes(theta), workingTypes(task)], dtype, Object.keys(init.args));
    this.theta = start.inputs[0];
    this.task = start.inputs[1];
    this.thetaTypes = leafTypes(this.theta);
    this.x = start.output as ProblemPrograms["x"];
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

  /** A step that keeps what some products need of it, and those products; nothing where that is not worth it. */
  kept(products: readonly Definition[]): KeptStep | undefined {
    const known = this.#kept.find(k => k.products.length === products.length && k.products.every((d, i) => d === products[i]));
    if (known) return known.step;
    const made = keptStep(d => this.of(d), products);
    for (const [definition, program] of made?.programs ?? []) this.#traced.set(definition, program);
    this.#kept.push({ products, step: made?.step });
    return made?.step;
  }

  /** Zeros shaped as a leaf of θ; always the same array. */
  zeros(leaf: number): HostArray {
    const { shape, dtype } = this.thetaTypes[leaf];
    return (this.#zeros[leaf] ??= { shape, dtype, data: allocate({ shape, dtype }) });
  }

  /**
   * The plain first-order gradient is zero: θ enters neither through φ₀, unless that is carried, nor through the outer loss; the optimizer's
   * first state does not count.
   */
  get firstOrderVanishes(): boolean {
    return !this.of(outer).leaves.length && (this.carry || !this.of(startPullback).leaves.length);
  }

  /** Whether a run goes on from where it left φ: the start plays no part after the first outer step. */
  get carry(): boolean {
    return this.spec.inner.carry === true;
  }

  /** c, where sweeps keep each number of u within ±c. */
  get sweptClip(): number | undefined {
    return this.spec.inner.sweptClip;
  }

  /** The inner loop descends on a loss; a step of the user's own has none. */
  get hasInnerLoss(): boolean {
    return !this.spec.inner.step;
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

  /** A step of the user's own takes no derivative that could be told apart from the rest of it. */
  get hidesItsGradient(): boolean {
    if (!this.spec.inner.step) return false;
    if (this.#hidesItsGradient === undefined) {
      let taken = 0;
      const { theta, x, task, step: j } = this.#like,
        ask = (t: never, z: never, data: never, k: Value) => {
          taken = ownStepWithoutGradient(this.spec, t, z, data, k).taken;
          return [];
        };
      trace(ask, [theta, x, task, j], this.dtype, ["theta", "x", "task", "step"]);
      this.#hidesItsGradient = taken === 0;
    }
    return this.#hidesItsGradient;
  }

  /** What the problem's functions use as positions and labels, of the leaves of θ, the task and x and of the number of the step, in this order. */
  get #uses(): readonly IndexUse[] {
    const { init, step, outer } = functionsOf(this.spec),
      all = (theta: ValueTree, task: ValueTree, x: InnerState, j: Value) => [
        init(theta, task),
        step(theta, x, task, j),
        outer(theta, x, task),
      ];
    const names = ["theta", "task", "x", "step"];
    return (this.#indexUses ??= indexUses(
      all,
      names.map(name => this.#like[name]),
      this.dtype,
      names,
    ));
  }

  /** Checks the leaves of a task against what they are used as. @throws if a position or a label is none */
  checkTask(leaves: readonly HostArray[]): void {
    const names: string[] = [];
    mapTypes(this.task, (_, path) => names.push(path ? `task.${path}` : "task"));
    checkIndices(this.#uses, leaves, names, this.thetaTypes.length);
  }

  /** What is to be told of so many inner steps. */
  notes(steps: number): string[] {
    return notesOnSteps(this.#uses, this.thetaTypes.length + leafTypes(this.task).length + this.state.length, steps);
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
