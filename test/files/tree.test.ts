import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as fc from "../support/fast-check.js";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { adam, f32, f64, i32, loadTree, saveTree, solve, zeros, type HostArray, type HostTree, type Source } from "../../src/index.js";
import { writeSafeTensors } from "../../src/files/safetensors.js";
import { writeState, type Saved } from "../../src/files/saved-state.js";
import { bitsOf } from "../support/gradients.js";
import { initialization } from "../support/problems.js";

const folder = mkdtempSync(join(tmpdir(), "ufom-tree-"));
afterAll(() => rmSync(folder, { recursive: true }));

const model = {
    layers: [
      { w: f32([1, 2, 3, 4], 2, 2), b: zeros(2) },
      { w: f64([5]), b: i32([6]) },
    ],
    scale: f32([7]),
  },
  bytes = saveTree(model);
/** A file as somebody else would write it: names and arrays. */
const named = (...names: string[]) =>
  writeSafeTensors({ tensors: new Map(names.map((name, i) => [name, f32([i])])), metadata: { format: "pt" } });

describe("a tree that was saved", () => {
  test.each<[string, () => Source | Promise<Source>]>([
    ["bytes", () => bytes],
    ["a buffer", () => bytes.buffer as ArrayBuffer],
    ["a view within a buffer", () => Buffer.concat([Buffer.alloc(5), bytes]).subarray(5)],
    ["a Blob", () => new Blob([bytes as Uint8Array<ArrayBuffer>])],
    ["a File", () => new File([bytes as Uint8Array<ArrayBuffer>], "model.safetensors")],
    ["a Response", () => new Response(bytes as Uint8Array<ArrayBuffer>)],
    ["the promise of one", async () => Promise.resolve(new Response(bytes as Uint8Array<ArrayBuffer>))],
    [
      "a path",
      () => {
        writeFileSync(join(folder, "model.safetensors"), bytes);
        return join(folder, "model.safetensors");
      },
    ],
    ["a file: URL", () => pathToFileURL(join(folder, "model.safetensors"))],
  ])("comes back from %s", async (_, source) => {
    expect(await loadTree(await source())).toEqual(model);
    expect(await loadTree(source())).toEqual(model);
  });

  test("comes back whatever its keys are, and as a list or an object as it was", async () => {
    const leaf = fc.array(fc.float(), { maxLength: 3 }).map(numbers => f32(numbers)),
      key = fc.oneof(fc.string(), fc.constantFrom("0", "1", "a.b", "", "$array", "__proto__", "__metadata__", "shape"));
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof({ depthSize: "small" }, leaf, tie("list"), tie("object")),
      list: fc.array(tie("tree"), { maxLength: 3 }),
      object: fc.array(fc.tuple(key, tie("tree")), { maxLength: 3 }).map(entries => Object.fromEntries(entries) as unknown),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async x => {
        const back = await loadTree(saveTree(x as HostTree));
        expect(back).toEqual(x);
        expect(bitsOf(back)).toBe(bitsOf(x as HostTree));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("has names that others can read", async () => {
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + new DataView(bytes.buffer).getUint32(0, true)));
    expect(Object.keys(JSON.parse(header) as object).sort()).toEqual([
      "__metadata__",
      "layers.0.b",
      "layers.0.w",
      "layers.1.b",
      "layers.1.w",
      "scale",
    ]);
    expect(await loadTree(saveTree(f32([1])))).toEqual(f32([1]));
  });
});

describe("a file of somebody else's", () => {
  test("is a tree by its names", async () => {
    expect(await loadTree(named("model.layers.0.weight", "model.layers.1.weight", "head.bias"))).toEqual({
      model: { layers: [{ weight: f32([0]) }, { weight: f32([1]) }] },
      head: { bias: f32([2]) },
    });
    // Sequential models leave numbers out; then they are names.
    expect(await loadTree(named("0.weight", "2.weight"))).toEqual({ 0: { weight: f32([0]) }, 2: { weight: f32([1]) } });
    expect(await loadTree(named("w"))).toEqual({ w: f32([0]) });
    expect(await loadTree(named("1", "0"))).toEqual([f32([1]), f32([0])]);
    expect(await loadTree(named())).toEqual({});
    const odd = (await loadTree(named("__proto__.x"))) as Record<string, unknown>;
    expect(Object.getOwnPropertyNames(odd)).toEqual(["__proto__"]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test.each([[["a", "a.b"]], [["a.b", "a"]], [["a.b.c", "a.b"]]])("is refused if one of %j leads through another", async names => {
    await expect(loadTree(named(...names))).rejects.toThrow(
      /^ufom: what loadTree was given needs names that are paths in a tree, where no array has others below it; received a/,
    );
  });

  test("is held to a tree that is expected, and has its type", async () => {
    const like = { head: { bias: zeros(1) }, layers: [f64([0]), f64([0])] },
      loaded = await loadTree(named("layers.1", "layers.0", "head.bias"), { like });
    expectTypeOf(loaded).toEqualTypeOf<{ head: { bias: HostArray }; layers: HostArray[] }>();
    expect(loaded).toEqual({ head: { bias: f32([2]) }, layers: [f64([1]), f64([0])] });
    expect(Object.keys(loaded)).toEqual(["head", "layers"]);
    const load = (...names: string[]) => loadTree(named(...names), { like });
    await expect(load("layers.0", "layers.1")).rejects.toThrow("must have head.bias: float32[1]; received { layers.0, layers.1 }.");
    await expect(load("layers.0", "layers.1", "head.bias", "x")).rejects.toThrow("must have the same tree; received also x.");
    await expect(loadTree(named("w"), { like: { w: zeros(2) } })).rejects.toThrow("must keep w at float32[2]; received float32[1].");
  });
});

test("the checkpoint of a run is a tree too, of its arrays", async () => {
  const run = solve(initialization.problem, { estimator: "exact", outer: adam(0.1), outerSteps: 2 }),
    { theta } = await run.result(),
    checkpoint = writeState(run.checkpoint() as unknown as Saved);
  const { theta: loaded, outer } = await loadTree<Record<string, HostTree>>(checkpoint);
  expect(loaded).toEqual(theta);
  expect(outer).toEqual(run.checkpoint().outer);
});

describe("what cannot be meant is refused in a sentence", () => {
  const load = loadTree as (source: unknown, options?: object) => Promise<unknown>;
  test.each<[string, () => Promise<unknown>, string]>([
    ["nothing", () => load(undefined), "ufom: loadTree takes bytes, a Blob, a Response or a path; received undefined."],
    ["a list of numbers", () => load([1, 2]), "received a list of 2."],
    ["an address", () => load(new URL("https://example.org/model")), "received the address https://example.org/model: fetch it first."],
    [
      "a response that is none",
      () => load(new Response("no", { status: 404 })),
      "ufom: loadTree needs a response that is ok; received 404 of .",
    ],
    ["an unknown option", () => load(bytes, { likes: model }), "(did you mean like?)"],
    ["another tree to be like", () => load(bytes, { like: 3 }), "ufom: like must be a tree of arrays; received 3."],
    ["no safetensors file", () => load(Uint8Array.of(1, 2)), "ufom: what loadTree was given is not a safetensors file: it must begin with"],
    ["a header that is no text", () => load(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff)), "its header must be JSON"],
    [
      "a path to nothing",
      () => load(join(folder, "none")),
      `ufom: loadTree cannot read ${join(folder, "none")}: there is no such file or folder (ENOENT).`,
    ],
    ["a folder", () => load(folder), `ufom: loadTree cannot read ${folder}: it is a folder (EISDIR).`],
    ["a path with a NUL", () => load("a\0b"), "the path holds a character that no path may have"],
    ["a name that is too long", () => load(join(folder, "x".repeat(300))), "the name is too long (ENAMETOOLONG)."],
  ])("%s", async (_, refused, sentence) => {
    await expect(refused()).rejects.toThrow(sentence);
  });

  test("a path where there are no files, as in a page", async () => {
    const { process } = globalThis;
    const refused = (() => {
      Object.defineProperty(globalThis, "process", { value: undefined, configurable: true, writable: true });
      return load("model.safetensors").catch((error: Error) => error.message);
    })().finally(() => Object.defineProperty(globalThis, "process", { value: process, configurable: true, writable: true }));
    expect(await refused).toBe(
      "ufom: loadTree takes a path where there are files, as in Node; in a page give bytes, a Blob or a Response; received model.safetensors.",
    );
  });

  test("no tree to save", () => {
    expect(() => saveTree({ w: 3 } as never)).toThrow("ufom: saveTree must be a tree of arrays (at w); received 3.");
    expect(() => saveTree({ w: { shape: [2], dtype: "float32", data: new Float64Array(2) } })).toThrow(
      "to hold its numbers in a Float32Array",
    );
  });
});
