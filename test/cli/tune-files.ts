import { stream } from "../../src/index.js";

/** Rows with a category, a number with missing values, and a target of each kind. */
function rows(count: number, seed: number): string[] {
  const random = stream(seed, "tune rows");
  return Array.from({ length: count }, () => {
    const [x, z, noise] = Array.from(random.normal([3]).data);
    const city = ["Rome", "Oslo", "Lima"][random.integer(3)];
    const score = x + (city === "Oslo" ? 1 : 0) + 0.4 * noise;
    return [
      x.toFixed(3),
      random.next() < 0.1 ? "" : z.toFixed(3),
      city,
      score > 0.3 ? "good, or better" : "bad",
      (10 * score + 3).toFixed(3),
    ].join("\t");
  });
}
const head = ["x", "z", "city", "rating", "price"].join("\t");
export const train = `${[head, ...rows(120, 1)].join("\n")}\n`;
/** An unknown city, missing cells, and a row without a rating. */
export const test = `${[head, ...rows(20, 2), "0.5\t\tParis\tbad\t1", "NA\t0.1\tOslo\t\t2"].join("\n")}\n`;
export const quick = ["--outer-steps", "6", "--inner-steps", "20", "--folds", "3"];
