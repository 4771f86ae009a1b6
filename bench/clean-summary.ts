// The results of bench/clean.ts as two tables: F1 of each cell, the mean over its seeds, and each method over all cells.

/** One method on one file. */
export interface Cell {
  readonly data: string;
  readonly noise: string;
  readonly rate: number;
  readonly seed: number;
  readonly method: string;
  readonly wrong: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly averagePrecision: number;
  readonly calibrationError: number;
  /** How many are wrong, by the method, and its interval. */
  readonly counted: readonly number[];
  readonly suggested: number;
  readonly accuracy: number;
  /** The same with all rows, and without the wrong ones. */
  readonly none: number;
  readonly oracle: number;
  readonly seconds: number;
  readonly reason: string;
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

function grouped(cells: readonly Cell[], by: (cell: Cell) => string): Map<string, Cell[]> {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) groups.set(by(cell), [...(groups.get(by(cell)) ?? []), cell]);
  return groups;
}

const place = ({ data, noise, rate }: Cell): string => `${data} | ${noise} | ${rate}`;

/** The mean F1 of each method in each group; of the single ones the best. */
function f1Of(cells: readonly Cell[]): { readonly methods: ReadonlyMap<string, number>; readonly best: number } {
  const methods = new Map(
    Array.from(
      grouped(cells, cell => cell.method),
      ([name, own]) => [name, mean(own.map(({ f1 }) => f1))],
    ),
  );
  return { methods, best: Math.max(...Array.from(methods).flatMap(([name, f1]) => (name === "auto" ? [] : [f1]))) };
}

const row = (words: readonly string[]): string => `| ${words.join(" | ")} |`;

/** F1 of each cell by each method, what `auto` is beside the best single one, and accuracy with all rows, without auto's suspects, and by an oracle. */
function byCell(cells: readonly Cell[], methods: readonly string[]): string[] {
  const head = ["data", "noise", "rate", ...methods, "auto − best", "AP", "ECE", "none", "cleaned", "oracle"];
  return [
    row(head),
    `|${head.map((_, i) => (i < 2 ? " --- |" : " ---: |")).join("")}`,
    ...Array.from(grouped(cells, place), ([where, own]) => {
      const { methods: f1, best } = f1Of(own),
        auto = own.filter(({ method }) => method === "auto"),
        of = (value: (cell: Cell) => number): string => (auto.length === 0 ? "" : mean(auto.map(value)).toFixed(3)),
        // Of runs without auto, the first method's.
        beside = own.filter(({ method }) => method === methods[0]);
      return row([
        where,
        ...methods.map(name => f1.get(name)!.toFixed(3)),
        auto.length === 0 ? "" : (f1.get("auto")! - best).toFixed(3).replace("-", "−"),
        of(cell => cell.averagePrecision),
        of(cell => cell.calibrationError),
        mean(beside.map(({ none }) => none)).toFixed(3),
        of(cell => cell.accuracy),
        mean(beside.map(({ oracle }) => oracle)).toFixed(3),
      ]);
    }),
  ];
}

/** Each method over all cells. */
function byMethod(cells: readonly Cell[], methods: readonly string[]): string[] {
  const groups = Array.from(grouped(cells, place).values(), f1Of);
  return [
    "| method | F1 | AP | ECE | accuracy | least F1 beside the best single one | seconds |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...methods.map(name => {
      const own = cells.filter(({ method }) => method === name),
        of = (value: (cell: Cell) => number): string => mean(own.map(value)).toFixed(3),
        least = Math.min(...groups.map(({ methods: f1, best }) => f1.get(name)! - best)),
        seconds = mean(own.map(cell => cell.seconds)).toFixed(1);
      return row([
        name,
        of(cell => cell.f1),
        of(cell => cell.averagePrecision),
        of(cell => cell.calibrationError),
        of(cell => cell.accuracy),
        least.toFixed(3).replace("-", "−"),
        seconds,
      ]);
    }),
  ];
}

/** Both tables, in Markdown. */
export function summary(cells: readonly Cell[]): string {
  const methods = [...new Set(cells.map(({ method }) => method))];
  return [...byMethod(cells, methods), "", ...byCell(cells, methods)].join("\n");
}
