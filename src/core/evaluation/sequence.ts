import type { Entry, Form, Forms } from "./forms.js";

/** Whole numbers, as many as come. */
class Numbers {
  #all = new Int32Array(1024);
  #count = 0;

  push(number: number): void {
    if (this.#count === this.#all.length) {
      const more = new Int32Array(2 * this.#count);
      more.set(this.#all);
      this.#all = more;
    }
    this.#all[this.#count++] = number;
  }

  taken(): Int32Array {
    return this.#all.slice(0, this.#count);
  }
}

/** Whether a step can be one of a sequence: a call, or a loop of calls. */
export const fitsInSequence = ({ form: { body, kinds } }: Entry): boolean => !kinds && !body?.some(inner => inner.body);

/** Steps that did not come to lie in loops: each as the number of its kind, and what it has of its own, which are the indices and how often it goes round. */
export class Sequence {
  readonly #numbers = new Map<string, number>();
  readonly #kinds: { readonly form: Form; readonly numbers: readonly number[]; low: number[]; high: number[] }[] = [];
  readonly #order = new Numbers();

  /** Kinds so far. */
  get kinds(): number {
    return this.#kinds.length;
  }

  /** Adds a step. @returns how many numbers it took */
  push({ form, numbers, low, high }: Entry): number {
    const { isPlace } = form;
    let key = `${form.id}`;
    for (let i = 0; i < numbers.length; i++) if (isPlace[i]) key += `,${numbers[i]}`;
    let kind = this.#numbers.get(key);
    if (kind === undefined) {
      this.#numbers.set(key, (kind = this.#kinds.length));
      this.#kinds.push({ form, numbers, low: [...low], high: [...high] });
    }
    const { low: lowest, high: highest } = this.#kinds[kind];
    this.#order.push(kind);
    let taken = 1;
    for (let i = 0; i < numbers.length; i++) {
      lowest[i] = Math.min(lowest[i], low[i]);
      highest[i] = Math.max(highest[i], high[i]);
      if (isPlace[i]) continue;
      this.#order.push(numbers[i]);
      taken++;
    }
    return taken;
  }

  /** All of them as one step. */
  entry(forms: Forms): Entry {
    const kinds = this.#kinds;
    return {
      form: forms.sequence(
        kinds.map(({ form }) => form),
        this.#order.taken(),
      ),
      numbers: kinds.flatMap(({ numbers }) => numbers),
      low: kinds.flatMap(({ low }) => low),
      high: kinds.flatMap(({ high }) => high),
    };
  }
}
