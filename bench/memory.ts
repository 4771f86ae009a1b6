// npx tsx bench/memory.ts: resident memory of one gradient, over that of the process before it, against the number of inner steps; each figure
// in a process of its own (Linux).
//   --steps 10,50,100,200   --ways 5   --quick: two lengths   --markdown, --page FILE as in `npm run bench`
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { caseOf, rowName } from "./cases.js";
import { Party, peersOf, type PartyName } from "./party.js";
import { intoPage, ruler } from "./table.js";
import { conv4 } from "./works.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string" },
    ways: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    page: { type: "string" },
  },
});
const python = process.env.UFOM_BENCH_PYTHON ?? "python3",
  cpu = cpus().length - 1,
  ways = Number(values.ways),
  lengths = (values.steps ?? (values.quick ? "10,50" : "10,50,100,200")).split(",").map(Number);

interface Column {
  readonly name: string;
  readonly party: PartyName;
  readonly estimator: string;
  /** Of a peer's forms the one that begins so. */
  readonly form?: string;
}
const torch = peersOf(python).includes("torch");
const columns: readonly Column[] = [
  ...["first-order", "exact", "exact:checkpoint=8"].map((estimator): Column => ({ name: `\`${estimator}\``, party: "ufom", estimator })),
  ...(torch
    ? ([
        { name: "PyTorch, `create_graph`", party: "torch best", estimator: "exact", form: "eager" },
        { name: "PyTorch, swept by hand", party: "torch best", estimator: "exact", form: "eager, swept" },
      ] as const)
    : []),
];

const head = `| work | ${columns.map(({ name }) => name).join(" | ")} |`,
  name = `Conv4, ${ways}-way, 1 task`,
  folder = mkdtempSync(join(tmpdir(), "ufom-memory-"));
if (!values.markdown) console.log(`MB of resident memory at the highest, over that before; one core.\n\n${head}\n${ruler(head)}`);
try {
  const work = conv4(folder, ways, 1);
  for (const r of lengths) {
    const cells: string[] = [];
    for (const { party: who, estimator, form } of columns) {
      const party = new Party(who, python, cpu),
        { base, peak } = await party.once(caseOf(work, name, r, estimator), form);
      await party.end();
      cells.push(((peak - base) / 1024).toFixed(0));
    }
    const text = `| ${rowName(name, r, "MB")} | ${cells.join(" | ")} |`;
    console.log(text);
    if (values.page) intoPage(values.page, head, [text]);
  }
} finally {
  rmSync(folder, { recursive: true });
}
