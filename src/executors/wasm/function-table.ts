import { fail } from "../../tensor/error.js";

/** A function of WebAssembly. */
export type Run = (...given: number[]) => void;

/** The functions of an executor's programs, where WebAssembly finds them by number. */
export class FunctionTable {
  private held: WebAssembly.Table | undefined = new WebAssembly.Table({ element: "anyfunc", initial: 0 });
  private readonly free: number[] = [];

  get table(): WebAssembly.Table {
    return this.held ?? fail("a table of functions", "is used until its executor is disposed", "a use afterwards");
  }

  /** Lets go of the table: it keeps whatever was linked to it, and the memory with that. */
  close(): void {
    this.held = undefined;
  }

  /** Its number until it is removed. */
  add(run: Run): number {
    const index = this.free.pop() ?? this.table.grow(1);
    this.table.set(index, run);
    return index;
  }

  remove(index: number): void {
    this.table.set(index, null);
    this.free.push(index);
  }
}
