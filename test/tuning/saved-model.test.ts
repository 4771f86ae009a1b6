// A model's folder: what is written is read, and what is none is refused.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Encoding } from "../../cli/src/tables/encoding.js";
import type { Architecture, Weights } from "../../cli/src/tuning/model.js";
import { modelAsFiles, readModel } from "../../cli/src/tuning/saved-model.js";
import { f32, type HostArray } from "../../src/index.js";
import { tableFolder } from "../support/table-files.js";

const { folder } = tableFolder();
const features: Encoding = {
  ...{ format: "ufom.features", version: 1, leftOut: ["id"] },
  columns: [
    { name: "a", type: "number", as: "number", center: 1, scale: 2, robust: false, missing: true },
    { name: "b", type: "category", as: "category", levels: ["x", "y"], others: 0, missing: false },
  ],
  target: { name: "y", kind: "classes", classes: ["no", "yes", "perhaps"] },
};
const array = (rows: number, columns: number): HostArray => ({
  ...{ shape: [rows, columns], dtype: "float32" },
  data: Float32Array.from({ length: rows * columns }, (_, i) => i / 7 - 1),
});
const architecture: Architecture = { model: "mlp", hidden: 2, width: 4, outputs: 3, kind: "classes" };
const weights: Weights = [
  { w: array(4, 2), b: f32([0.5, -0.5]) },
  { w: array(2, 3), b: f32([1, 2, 3]) },
];
const files = (given: Weights = weights) => modelAsFiles(architecture, { features, missing: ["-"], made: { by: "a test" } }, given);

/** A folder with these two files. */
function saved(manifest: string, bytes: Uint8Array = files().weights): string {
  const where = mkdtempSync(path.join(folder, "m-"));
  writeFileSync(path.join(where, "manifest.json"), manifest);
  writeFileSync(path.join(where, "model.safetensors"), bytes);
  return where;
}

it("is read as it was written", async () => {
  const read = await readModel(saved(files().manifest));
  expect(read.architecture).toEqual(architecture);
  expect(read.weights).toEqual(weights);
  expect(read.manifest).toMatchObject({ features, missing: ["-"], featureNames: ["a", "a missing", "b=x", "b=y"], activation: "silu" });
});

describe("is refused in one sentence", () => {
  const changed = (change: Record<string, unknown>): string => JSON.stringify({ ...(JSON.parse(files().manifest) as object), ...change });
  const manifests: [string, string, RegExp][] = [
    ["no JSON", "{", /manifest\.json must be JSON; received /],
    ["another version", changed({ version: 2 }), /must be of version 1; received 2\.$/],
    ["another model", changed({ model: "forest" }), /must name its model, linear or mlp; received "forest"\.$/],
    [
      "hidden units of a linear model",
      changed({ model: "linear" }),
      /must say how many hidden units it has, 0 of a linear model; received 2\.$/,
    ],
    ["a layer too few", changed({ layers: [{ w: "a", b: "b" }] }), /must name the arrays w and b of each layer; received /],
    ["no features", changed({ features: {} }), /manifest\.json must /],
    ["no target", changed({ features: { ...features, target: undefined } }), /must say what is predicted; received no target\.$/],
    ["no missing texts", changed({ missing: 3 }), /must list what stands for a missing value; received 3\.$/],
    [
      "other units",
      changed({ hidden: 5 }),
      /must hold layers\.0\.weight as float32\[4,5\], which its manifest asks for; received float32\[4,2\]\.$/,
    ],
    [
      "another name",
      changed({
        layers: [
          { w: "v", b: "b" },
          { w: "v", b: "b" },
        ],
      }),
      /must hold v as float32\[4,2\].*no array of that name\.$/,
    ],
  ];
  it.each(manifests)("%s", async (_, manifest, sentence) => {
    await expect(readModel(saved(manifest))).rejects.toThrow(sentence);
  });

  it("weights that are no numbers, or cut off", async () => {
    const wrong = files([{ ...weights[0], b: f32([NaN, 0]) }, weights[1]]);
    await expect(readModel(saved(wrong.manifest, wrong.weights))).rejects.toThrow(
      /must hold finite numbers in layers\.0\.bias; received others\.$/,
    );
    await expect(readModel(saved(files().manifest, files().weights.subarray(0, 90)))).rejects.toThrow(
      /^ufom: .*model\.safetensors is not a safetensors file/,
    );
  });

  it("a file, and a folder with half of a model", async () => {
    const half = path.join(folder, "half");
    mkdirSync(half);
    writeFileSync(path.join(half, "manifest.json"), files().manifest);
    await expect(readModel(half)).rejects.toThrow(/received a folder without model\.safetensors\.$/);
    await expect(readModel(path.join(half, "manifest.json"))).rejects.toThrow(/received a file\.$/);
  });
});
