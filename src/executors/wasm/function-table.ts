type Run = (table: number) => void;

/** The functions of an executor's programs, where WebAssembly finds them by number. */
export class FunctionTable {
  readonly table = new WebAssembly.Table({ element: "anyfunc", initial: 0 });
  private readonly free: number[] = [];

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
