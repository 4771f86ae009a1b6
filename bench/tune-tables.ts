// Real tables to tune models of: those of scikit-learn, as Debian's package python3-sklearn has them (the Wisconsin breast cancers, wines and digits of the
// UCI repository; the diabetes of Efron, Hastie, Johnstone and Tibshirani, Annals of Statistics 32, 2004), and the penguins of `examples/`.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

export const tableNames = ["breast-cancer", "wine", "digits", "diabetes", "penguins"] as const;

/** Cells as texts. */
export interface BenchTable {
  readonly name: string;
  readonly target: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const installed = "/usr/lib/python3/dist-packages/sklearn/datasets/data";

const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split("\n")
    .map(line => line.trim().split(/[,\s]+/));

const numbered = (rows: readonly (readonly string[])[]): string[] => [...rows[0].slice(1).map((_, k) => `x${k}`), "y"];

/** Reads one of the tables. @param folder of scikit-learn's files */
export async function readBenchTable(name: string, folder = installed): Promise<BenchTable> {
  if (name === "penguins") {
    const text = await readFile(fileURLToPath(new URL("../examples/penguins.csv", import.meta.url)), "utf8"),
      [head, ...rows] = text
        .trimEnd()
        .split(/\r?\n/)
        .map(line => line.split(","));
    const sex = head.indexOf("sex");
    return { name, target: "sex", head, rows: rows.filter(row => row[sex] !== "" && row[sex] !== ".") };
  }
  const of = async (file: string): Promise<string[][]> => {
    const where = path.join(folder, file);
    if (!existsSync(where)) throw new Error(`there must be ${where}: apt-get install python3-sklearn, or --data FOLDER with its files`);
    const bytes = await readFile(where);
    return cells((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
  };
  /** The class of a row is a text, or whole numbers would be taken for numbers to be predicted. */
  const classes = (rows: string[][]): BenchTable => ({
    ...{ name, target: "y", head: numbered(rows) },
    rows: rows.map(row => [...row.slice(0, -1), `class ${Number(row.at(-1))}`]),
  });
  switch (name) {
    // Their first line says how many rows and columns there are.
    case "breast-cancer":
      return classes((await of("breast_cancer.csv")).slice(1));
    case "wine":
      return classes((await of("wine_data.csv")).slice(1));
    case "digits":
      return classes(await of("digits.csv.gz"));
    case "diabetes": {
      const [x, y] = [await of("diabetes_data_raw.csv.gz"), await of("diabetes_target.csv.gz")],
        rows = x.map((row, i) => [...row, String(Number(y[i][0]))]);
      return { name, target: "y", head: numbered(rows), rows };
    }
    default:
      throw new Error(`--tables takes ${tableNames.join(", ")}; received ${name}`);
  }
}
