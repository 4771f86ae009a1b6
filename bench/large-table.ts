// Writes a table to measure `ufom clean` on: 100,000 rows of 40 numbers, 8 columns of categories, a column of trusted rows (one in a hundred) and a label of
// four classes, a tenth of which are wrong.
//
//     npx tsx bench/large-table.ts large.csv [rows]
import { writeFileSync } from "node:fs";
import { stream } from "../src/index.js";

const [file = "large.csv", rows = "100000"] = process.argv.slice(2),
  random = stream(7, "a large table"),
  [numbers, words, classes] = [40, 8, 4],
  centres = random.normal([classes, numbers], 0.55).data,
  lines = [
    [...Array.from({ length: numbers }, (_, k) => `x${k}`), ...Array.from({ length: words }, (_, k) => `k${k}`), "checked", "label"].join(
      ",",
    ),
  ];
for (let i = 0; i < Number(rows); i++) {
  const truth = random.integer(classes),
    x = random.normal([numbers], 1).data,
    checked = i % 100 === 0,
    given = checked || random.next() > 0.1 ? truth : (truth + 1) % classes;
  lines.push(
    [
      ...Array.from(x, (noise, k) => (centres[truth * numbers + k] + noise).toFixed(4)),
      ...Array.from({ length: words }, () => "abcdef"[(truth + [0, 0, 1, 2, 3][random.integer(5)]) % 6]),
      Number(checked),
      `class ${given}`,
    ].join(","),
  );
}
writeFileSync(file, `${lines.join("\n")}\n`);
