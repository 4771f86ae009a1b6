import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadMnist } from "../../cli/src/datasets/mnist.js";
import { stream } from "../../src/core/random/index.js";
import { clean, csv } from "../support/clean-command.js";
import { tableFolder } from "../support/table-files.js";

const { folder, write } = tableFolder();
const at = (name: string): string => path.join(folder, name);

/** Grey pixels as PNG or JPEG. */
function encoded(grey: Uint8Array, kind: "png" | "jpg"): Buffer {
  const data = Buffer.alloc(4 * 784, 255);
  grey.forEach((x, k) => data.fill(x, 4 * k, 4 * k + 3));
  if (kind === "jpg") return jpeg.encode({ data, width: 28, height: 28 }, 90).data;
  const png = new PNG({ width: 28, height: 28 });
  png.data = data;
  return PNG.sync.write(png);
}

describe("a folder of digits, half of them PNG and half JPEG", () => {
  const planted: string[] = [],
    pixels = new Map<string, Uint8Array>();
  beforeAll(async () => {
    const { train } = await loadMnist(),
      random = stream(1, "digits in a folder");
    for (let from = 0, i = 0; i < 200; from++) {
      // Sevens, ones and threes.
      const y = [7, 1, 3].indexOf(train.labels[from]);
      if (y < 0) continue;
      const wrong = random.next() < 0.1,
        given = wrong ? (y + 1) % 3 : y,
        name = `digits/${["seven", "one", "three"][given]}/${100 + i}.${i % 2 === 0 ? "png" : "jpg"}`,
        grey = train.images.slice(784 * from, 784 * (from + 1));
      mkdirSync(path.dirname(at(name)), { recursive: true });
      writeFileSync(at(name), encoded(grey, i % 2 === 0 ? "png" : "jpg"));
      pixels.set(path.basename(name), grey);
      if (wrong) planted.push(path.basename(name));
      i++;
    }
  });

  it("is cleaned, and the report shows what the files show", async () => {
    const { json, lines } = await clean(at("digits"), { method: "transition", out: at("digits.csv"), report: at("digits.html") }),
      { suspects } = json as { suspects: { file: string }[] },
      found = suspects.map(({ file }) => path.basename(file)),
      hits = found.filter(name => planted.includes(name));
    expect(planted.filter(name => name.endsWith("jpg")).length).toBeGreaterThan(3);
    expect((2 * hits.length) / (found.length + planted.length)).toBeGreaterThan(0.8);
    expect(hits.some(name => name.endsWith("jpg")) && hits.some(name => name.endsWith("png"))).toBe(true);
    expect(lines.join("\n")).toContain("200 pictures of 3 classes");
    expect(csv(at("digits.csv"))).toHaveLength(200);
    const page = readFileSync(at("digits.html"), "utf8"),
      shown = Array.from(page.matchAll(/data:image\/png;base64,([^"]+)/g), ([, data]) => PNG.sync.read(Buffer.from(data, "base64")));
    expect(shown.length).toBeGreaterThanOrEqual(found.length);
    found.forEach((name, i) => {
      const own = pixels.get(name)!,
        apart = own.reduce((most, x, k) => Math.max(most, Math.abs(x - shown[i].data[4 * k])), 0);
      expect(apart).toBeLessThan(name.endsWith("png") ? 1 : 60);
    });
  });

  it("with features that were made elsewhere shows its pictures all the same", async () => {
    // What a network would say of each picture: whether it is round at the left, and how much ink it has, one row for each file in their order.
    const order = csv(at("digits.csv")).map(({ file }) => pixels.get(path.basename(file))!),
      made = order.map(grey => {
        const ink = (from: number, to: number) => grey.reduce((sum, x, k) => (k % 28 >= from && k % 28 < to ? sum + x / 255 : sum), 0);
        return [ink(0, 11), ink(11, 17), ink(17, 28)].join(",");
      });
    const { json } = await clean(at("digits"), {
      method: "disagreement",
      features: write("ink.csv", `left,middle,right\n${made.join("\n")}\n`),
      report: at("ink.html"),
    });
    expect((json.suspects as unknown[]).length).toBeGreaterThan(0);
    expect(readFileSync(at("ink.html"), "utf8")).toContain("data:image/png;base64,");
  });
});
