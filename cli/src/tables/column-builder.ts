import type { MemoryBudget } from "./memory.js";
import type { RawColumn } from "./raw.js";
import { quoted, type Refuse } from "./refuse.js";
import { TextCells } from "./text-cells.js";

/** Numbers of a column as they come, whose number is not known before. */
class Numbers {
  #values = new Float64Array(1024);
  length = 0;

  push(x: number): void {
    if (this.length === this.#values.length) {
      const more = new Float64Array(2 * this.length);
      more.set(this.#values);
      this.#values = more;
    }
    this.#values[this.length++] = x;
  }

  finish(): Float64Array {
    return this.#values.slice(0, this.length);
  }
}

type Form = "number" | "boolean" | "text" | "list";

/** What a value of a typed file is held as; nothing for one that is missing. */
function formOf(value: unknown): Form | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  // What a number does not hold exactly is no quantity but a name.
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? "number" : "text";
  return Array.isArray(value) || ArrayBuffer.isView(value) ? "list" : "text";
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "bigint" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : (JSON.stringify(value, (_, x: unknown) => (typeof x === "bigint" ? String(x) : x)) ?? "");
}

/** A column of typed values: numbers as long as all are numbers, otherwise texts; lists of numbers of one length as a column each. */
export class ColumnBuilder {
  #form: Form | undefined;
  #rows = 0;
  readonly #numbers = new Numbers();
  #texts: TextCells | undefined;
  readonly #parts: Numbers[] = [];

  constructor(
    private readonly name: string,
    private readonly dates: boolean,
    private readonly budget: MemoryBudget,
    private readonly refuse: Refuse,
  ) {}

  push(value: unknown): void {
    const form = formOf(value);
    if (form !== undefined && form !== this.#form) this.#become(form);
    if (this.#form === "list") this.#list(value as ArrayLike<unknown> | null | undefined);
    else if (this.#form === "text") this.#text(textOf(value));
    else {
      this.#numbers.push(form === undefined ? NaN : Number(value));
      this.budget.add(1);
    }
    this.#rows++;
  }

  finish(): RawColumn[] {
    const { name } = this;
    if (this.#form === "list") return this.#parts.map((part, i) => ({ kind: "number", name: `${name}[${i}]`, values: part.finish() }));
    if (this.#texts !== undefined) return [{ kind: "text", name, cells: this.#texts }];
    return [{ kind: this.dates ? "date" : this.#form === "boolean" ? "boolean" : "number", name, values: this.#numbers.finish() }];
  }

  #become(form: Form): void {
    const before = this.#form;
    if (form === "list" || before === "list") {
      if (before !== undefined)
        this.refuse(`must hold lists in every row of ${quoted(this.name)} or in none`, `one ${form} in row ${this.#rows + 1}`);
      this.#form = "list";
      return;
    }
    const mixed = before !== undefined;
    this.#form = mixed ? "text" : form;
    if (this.#form !== "text" || this.#texts !== undefined) return;
    this.#texts = new TextCells();
    for (const x of this.#numbers.finish()) this.#text(Number.isNaN(x) ? "" : before === "boolean" ? String(x === 1) : String(x));
  }

  #text(text: string): void {
    if (text.includes("\0")) this.refuse("must hold no NUL characters", `one in ${quoted(this.name)}, row ${this.#rows + 1}`);
    this.budget.add(1, text.length);
    this.#texts!.push(text);
  }

  #list(value: ArrayLike<unknown> | null | undefined): void {
    const length = value?.length ?? this.#parts.length;
    if (this.#parts.length === 0) {
      for (let i = 0; i < length; i++) {
        const part = new Numbers();
        for (let row = 0; row < this.#rows; row++) part.push(NaN);
        this.#parts.push(part);
      }
      this.budget.add(length * this.#rows);
    }
    if (length !== this.#parts.length || length === 0) {
      this.refuse(`must hold lists of one length in ${quoted(this.name)}`, `${this.#parts.length} and ${length} (row ${this.#rows + 1})`);
    }
    this.budget.add(length);
    this.#parts.forEach((part, i) => {
      const x = value?.[i];
      if (formOf(x) !== undefined && formOf(x) !== "number") {
        this.refuse(`must hold lists of numbers in ${quoted(this.name)}`, `${quoted(textOf(x))} in row ${this.#rows + 1}`);
      }
      part.push(x === null || x === undefined ? NaN : Number(x));
    });
  }
}
