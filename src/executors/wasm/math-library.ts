import type { FloatType } from "../../tensor/types.js";
import type { FunctionBuilder } from "./assembler.js";
import { buildMath } from "./math/index.js";
import type { MathFunction, Require } from "./math/index.js";

/** The vector functions that a module uses; each is built once, when it is first asked for. */
export class MathLibrary {
  /** In the order of their indices, which begin at `first`. */
  readonly functions: FunctionBuilder[] = [];
  private readonly indices = new Map<string, number>();

  constructor(private readonly first: number) {}

  /** Adds another function, which may add more while it is built, and says its index. */
  add(build: () => FunctionBuilder): number {
    const position = this.functions.length;
    this.functions.length = position + 1;
    this.functions[position] = build();
    return this.first + position;
  }

  readonly indexOf: Require = (name: MathFunction, dtype: FloatType): number => {
    const key = `${name}:${dtype}`,
      known = this.indices.get(key);
    if (known !== undefined) return known;
    // A function that this one requires takes the next index while it is built.
    this.indices.set(key, this.first + this.functions.length);
    return this.add(() => buildMath(name, dtype, this.indexOf));
  };
}
