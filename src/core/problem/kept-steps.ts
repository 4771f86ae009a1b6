import { split } from "../../program/partition/split.js";
import { bytesHeld } from "../../program/partition/partition.js";
import type { Type } from "../../tensor/types.js";
import type { DefinedProgram, Definition } from "./definitions.js";
import { step } from "./definitions.js";

/** Less than this share of the time that a step and its products take is not worth a further program. */
const WORTHWHILE = 0.02;

/** A product that reads what its step kept: it takes that after its own arguments. */
export interface ResumedProduct {
  readonly definition: Definition;
  /** Which of what is kept it takes. */
  readonly reads: readonly number[];
}

/** A step that keeps what its products need again, its residuals, and the products that read it. */
export interface KeptStep {
  /** (θ, x, T, j) ↦ Φ_j(θ, x, T), and then the residuals. */
  readonly step: Definition;
  readonly products: ReadonlyMap<Definition, ResumedProduct>;
  readonly kept: readonly Type[];
  /** Bytes of what a step keeps. */
  readonly bytes: number;
}

/** The programs of a kept step, for `ProblemPrograms` to know. */
export interface KeptPrograms {
  readonly step: KeptStep;
  readonly programs: ReadonlyMap<Definition, DefinedProgram>;
}

/**
 * What a step is to keep for some products: values that are dearer to compute again than to keep (`program/partition/`). Nothing where too little is
 * gained. All products begin with the arguments of a step. No operation changes.
 */
export function keptStep(of: (definition: Definition) => DefinedProgram, products: readonly Definition[]): KeptPrograms | undefined {
  const first = of(step),
    later = products.map(definition => of(definition)),
    {
      first: keeping,
      later: resumed,
      kept,
      gain,
    } = split(
      first.program,
      later.map(({ program }) => program),
    );
  if (!kept.length || gain < WORTHWHILE) return undefined;
  const names = products.map(({ name }) => name).join("+"),
    // A product is another program where it shares what is kept with a further one.
    beside = products.length > 1 ? ` (${names})` : "";
  const made = new Map<Definition, DefinedProgram>(),
    stepDefinition: Definition = { ...step, name: `step with residuals for ${names}` },
    byProduct = new Map<Definition, ResumedProduct>();
  made.set(stepDefinition, { program: keeping, leaves: [] });
  products.forEach((product, k) => {
    const definition: Definition = { ...product, name: `${product.name} from residuals${beside}` };
    made.set(definition, { program: resumed[k].program, leaves: later[k].leaves });
    byProduct.set(product, { definition, reads: resumed[k].reads });
  });
  const bytes = kept.reduce((sum, type) => sum + bytesHeld(type), 0);
  return { step: { step: stepDefinition, products: byProduct, kept, bytes }, programs: made };
}
