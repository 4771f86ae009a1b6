// The pictures of docs/clean.md, from reports that `ufom clean` writes: of examples/iris.csv, and of a folder of digits.
//
//     npx tsx --tsconfig tsconfig.check.json scripts/docs/clean-pictures.ts [--keep FOLDER]
//
// The digits are 1,000 of MNIST's, PNG and JPEG in turn, of which 15 % stand in the folder of another digit, and 200 others that are right. With --keep
// they and the reports stay there, and a report that is there already is not made again. It needs Chromium.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import type { CleanOptions } from "../../cli/src/clean/options.js";
import { cleanFile } from "../../cli/src/commands/clean.js";
import { loadMnist } from "../../cli/src/datasets/mnist.js";
import { peopleTerminal } from "../../cli/src/terminal.js";
import { stream } from "../../src/index.js";
import { openBrowser } from "../../test/support/browser.js";

const { values } = parseArgs({ options: { keep: { type: "string" } } });
const folder = values.keep === undefined ? mkdtempSync(path.join(tmpdir(), "ufom-pictures-")) : path.resolve(values.keep),
  root = fileURLToPath(new URL("../../", import.meta.url)),
  pictures = path.join(root, "docs/pictures");
mkdirSync(folder, { recursive: true });
process.chdir(folder);

function encoded(grey: Uint8Array, kind: "png" | "jpg"): Buffer {
  const data = Buffer.alloc(4 * 784, 255);
  grey.forEach((x, k) => data.fill(x, 4 * k, 4 * k + 3));
  if (kind === "jpg") return jpeg.encode({ data, width: 28, height: 28 }, 90).data;
  const png = new PNG({ width: 28, height: 28 });
  png.data = data;
  return PNG.sync.write(png);
}

/** Writes digits into the folders of their names, or, of a share of them, of another one. @returns how many stand in another one */
async function writeDigits(): Promise<number> {
  const { train } = await loadMnist(),
    random = stream(1, "digits of the documents"),
    order = random.permutation(train.n).subarray(0, 1200);
  let wrong = 0;
  order.forEach((from, i) => {
    const digit = train.labels[from],
      other = i < 1000 && random.next() < 0.15,
      kind = i % 2 === 0 ? "png" : "jpg",
      to = path.join(i < 1000 ? "digits" : "checked", String(other ? (digit + 1 + random.integer(9)) % 10 : digit));
    wrong += Number(other);
    mkdirSync(to, { recursive: true });
    writeFileSync(path.join(to, `${i}.${kind}`), encoded(train.images.subarray(784 * from, 784 * (from + 1)), kind));
  });
  return wrong;
}

async function report(file: string, name: string, options: CleanOptions): Promise<string> {
  const page = path.join(folder, `${name}.html`);
  if (existsSync(page)) return page;
  const code = await cleanFile(file, { ...options, report: page }, peopleTerminal);
  if (code !== 0) throw new Error(`ufom clean ${file} ended with ${code}.`);
  return page;
}

try {
  process.stdout.write(`${await writeDigits()} of 1,000 digits stand in another folder.\n\n`);
  const digits = await report("digits", "digits", { trusted: "checked" });
  process.chdir(root);
  const table = await report("examples/iris.csv", "iris", { label: "species", trustedColumn: "checked" }),
    browser = await openBrowser();
  try {
    const tab = await browser.newPage({ viewport: { width: 860, height: 600 }, colorScheme: "light" }),
      card = (title: string) => tab.locator("section.card", { has: tab.getByRole("heading", { name: title }) }).first();
    await tab.goto(pathToFileURL(table).href);
    const { y, height } = (await card("Suspects by given label").boundingBox())!;
    await tab.screenshot({
      path: path.join(pictures, "clean-table.png"),
      clip: { x: 0, y: 0, width: 860, height: y + height + 16 },
      fullPage: true,
    });
    await tab.goto(pathToFileURL(digits).href);
    await card("Most suspect pictures").screenshot({ path: path.join(pictures, "clean-digits.png") });
    await card("Does p_wrong hold?").screenshot({ path: path.join(pictures, "clean-reliability.png") });
    await card("Suspects by given and suggested label").screenshot({ path: path.join(pictures, "clean-confusion.png") });
  } finally {
    await browser.close();
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
