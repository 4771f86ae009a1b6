import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { HostArray } from "ufom";
import { readSafeTensors, writeSafeTensors } from "ufom/internal/files/safetensors";
import { UsageError } from "../failure.js";
import { about, ifAbsent } from "../file-errors.js";
import { showPath } from "../show-place.js";
import { encodingFrom } from "../tables/encoding-json.js";
import { featureNames, type Encoding } from "../tables/encoding.js";
import { extents, modelNames, type Architecture, type Layer, type ModelName, type Weights } from "./model.js";

/** The files of a model. */
export const modelFiles = { manifest: "manifest.json", weights: "model.safetensors" } as const;

/** What a model is: everything that is needed to predict from a file with the same columns. */
export interface Manifest {
  readonly format: "ufom.model";
  readonly version: 1;
  readonly model: ModelName;
  readonly hidden: number;
  /** What the function of hidden units is. */
  readonly activation?: "silu";
  /** How columns become numbers, and what is predicted. */
  readonly features: Encoding;
  /** What stands for a missing value besides the usual. */
  readonly missing: readonly string[];
  /** Names of the numbers in a row of features, in order. */
  readonly featureNames: readonly string[];
  /** Arrays of the weights file by name; h ← activation(h W + b), the last layer without. */
  readonly layers: readonly { readonly w: string; readonly b: string }[];
  /** Where it is from: for people. */
  readonly made: Readonly<Record<string, unknown>>;
}

/** A model that was read. */
export interface SavedModel {
  readonly manifest: Manifest;
  readonly architecture: Architecture;
  readonly weights: Weights;
}

const namesOf = (count: number): Layer<string>[] =>
  Array.from({ length: count }, (_, i) => ({ w: `layers.${i}.weight`, b: `layers.${i}.bias` }));

/** A model as its two files. */
export function modelAsFiles(
  { model, hidden }: Architecture,
  { features, missing, made }: Pick<Manifest, "features" | "missing" | "made">,
  weights: Weights,
): { readonly manifest: string; readonly weights: Uint8Array } {
  const layers = namesOf(weights.length);
  const manifest: Manifest = {
    ...{ format: "ufom.model", version: 1, model, hidden },
    ...(hidden === 0 ? {} : { activation: "silu" }),
    ...{ features, missing, featureNames: featureNames(features), layers, made },
  };
  const tensors = new Map<string, HostArray>(layers.flatMap(({ w, b }, i) => [[w, weights[i].w] as const, [b, weights[i].b] as const]));
  return { manifest: `${JSON.stringify(manifest, null, 2)}\n`, weights: writeSafeTensors({ tensors, metadata: { format: "ufom.model" } }) };
}

/** A sentence about a model that is none. */
const refuserOf =
  (what: string) =>
  (rule: string, received: string): never => {
    throw new UsageError(`ufom: ${what} ${rule}; received ${received}.`);
  };

const isWhole = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

/**
 * Reads a model's folder.
 * @throws UsageError one sentence if it is none, or its files do not belong together
 */
export async function readModel(folder: string): Promise<SavedModel> {
  const shown = showPath(folder);
  const refuse = refuserOf(shown);
  const found = await about(folder, () => stat(folder)).catch(ifAbsent);
  const rule = `must be the folder of a model, as ufom tune writes it, with ${modelFiles.manifest} and ${modelFiles.weights}`;
  if (found === undefined) return refuse(rule, "nothing of that name");
  if (!found.isDirectory()) return refuse(rule, "a file");
  const [manifestFile, weightsFile] = [modelFiles.manifest, modelFiles.weights].map(name => path.join(folder, name));
  const text = await about(manifestFile, () => readFile(manifestFile, "utf8")).catch(ifAbsent);
  const bytes = await about(weightsFile, () => readFile(weightsFile)).catch(ifAbsent);
  if (text === undefined) return refuse(rule, `a folder without ${modelFiles.manifest}`);
  if (bytes === undefined) return refuse(rule, `a folder without ${modelFiles.weights}`);
  const manifest = manifestFrom(text, showPath(manifestFile));
  const { tensors } = readSafeTensors(bytes, showPath(weightsFile));
  const architecture = architectureOf(manifest, showPath(manifestFile));
  return { manifest, architecture, weights: weightsFrom(manifest, architecture, tensors, showPath(weightsFile)) };
}

/** @throws UsageError if the text is no manifest */
function manifestFrom(text: string, file: string): Manifest {
  const refuse = refuserOf(file);
  let json: Partial<Record<keyof Manifest, unknown>> | null;
  try {
    json = JSON.parse(text) as typeof json;
  } catch (error) {
    return refuse("must be JSON", (error as Error).message);
  }
  if (typeof json !== "object" || json === null || json.format !== "ufom.model")
    return refuse('must be the manifest of a model ("format": "ufom.model")', JSON.stringify(json).slice(0, 60));
  const { version, model, hidden, layers, missing } = json;
  if (version !== 1) refuse("must be of version 1", JSON.stringify(version) ?? "none");
  if (!modelNames.includes(model as ModelName)) refuse(`must name its model, ${modelNames.join(" or ")}`, JSON.stringify(model) ?? "none");
  if (!isWhole(hidden) || (model === "linear") !== (hidden === 0))
    refuse("must say how many hidden units it has, 0 of a linear model", JSON.stringify(hidden) ?? "none");
  const isLayer = (x: unknown): boolean => typeof (x as Layer<string> | null)?.w === "string" && typeof (x as Layer<string>).b === "string";
  if (!Array.isArray(layers) || !layers.every(isLayer) || layers.length !== (hidden === 0 ? 1 : 2))
    refuse("must name the arrays w and b of each layer", JSON.stringify(layers)?.slice(0, 60) ?? "none");
  if (!Array.isArray(missing) || !missing.every(x => typeof x === "string"))
    refuse("must list what stands for a missing value", JSON.stringify(missing)?.slice(0, 60) ?? "none");
  const features = encodingFrom(json.features, file);
  if (features.target === undefined) refuse("must say what is predicted", "no target");
  return { ...(json as Manifest), features };
}

function architectureOf({ model, hidden, features }: Manifest, file: string): Architecture {
  const target = features.target ?? refuserOf(file)("must say what is predicted", "no target");
  const width = featureNames(features).length;
  const outputs = target.kind === "classes" ? target.classes.length : 1;
  return { model, hidden, width, outputs, kind: target.kind };
}

/** @throws UsageError if an array is not there, or of another shape or type */
function weightsFrom({ layers }: Manifest, architecture: Architecture, tensors: ReadonlyMap<string, HostArray>, file: string): Weights {
  const sizes = extents(architecture);
  const array = (name: string, shape: readonly number[]): HostArray => {
    const found = tensors.get(name);
    const wanted = `float32[${shape.join(",")}]`;
    const given = found === undefined ? "no array of that name" : `${found.dtype}[${found.shape.join(",")}]`;
    if (found === undefined || given !== wanted)
      return refuserOf(file)(`must hold ${name} as ${wanted}, which its manifest asks for`, given);
    if (found.data.some(x => !Number.isFinite(x))) return refuserOf(file)(`must hold finite numbers in ${name}`, "others");
    return found;
  };
  return layers.map(({ w, b }, i) => ({ w: array(w, [sizes[i], sizes[i + 1]]), b: array(b, [sizes[i + 1]]) }));
}
