import { describe, expect, it } from "vitest";
import * as ufom from "../../src/index.js";
import { trace } from "../../src/tensor/trace.js";
import { UfomError } from "../../src/tensor/error.js";
import type { Value } from "../../src/tensor/value.js";
import { float } from "./evaluate.js";

/** Names of NumPy, JAX and PyTorch, and what the sentence names. */
const foreign: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  np: {
    concat: "np.concatenate",
    cat: "np.concatenate",
    hstack: "np.concatenate",
    vstack: "np.concatenate",
    amax: "np.max",
    amin: "np.min",
    absolute: "np.abs",
    arcsin: "np.asin",
    arctan2: "np.atan2",
    var: "np.variance",
    average: "np.mean",
    identity: "np.eye",
    true_divide: "np.divide",
    remainder: "np.mod",
    fmod: "np.mod",
    rint: "np.round",
    fix: "np.trunc",
    pow: "np.power",
    mul: "np.multiply",
    gt: "np.greater",
    eq: "np.equal",
    isnan: "np.isNaN",
    isfinite: "np.isFinite",
    logical_and: "np.logicalAnd",
    logical_not: "np.logicalNot",
    expand_dims: "np.expandDims",
    unsqueeze: "np.expandDims",
    broadcast_to: "np.broadcastTo",
    zeros_like: "np.zerosLike",
    ones_like: "np.onesLike",
    take_along_axis: "np.takeAlongAxis",
    permute: "np.transpose",
    view: "np.reshape",
    ravel: "np.reshape",
    clamp: "np.clip",
    mm: "np.matmul",
    bmm: "np.matmul",
    tensordot: "np.einsum",
    percentile: "np.quantile",
    asarray: "np.array",
    tensor: "np.array",
    empty: "np.zeros",
    chunk: "np.split",
    fliplr: "np.flip",
    gather: "np.takeAlongAxis",
    nanmean: "np.isNaN",
    relu: "nn.relu",
    softmax: "nn.softmax",
    log_softmax: "nn.logSoftmax",
    one_hot: "nn.oneHot",
    cross_entropy: "nn.crossEntropy",
    trace: "linalg.trace",
    norm: "linalg.norm",
    cholesky: "linalg.cholesky",
    conv: "lax.conv",
    randn: "random.normal",
    permutation: "random.permutation",
    sumSquares: "tree.sumSquares",
    greater_equal: "np.greaterEqual",
    int64: "np.int32",
    multipy: "np.multiply",
    tranpose: "np.transpose",
  },
  nn: {
    one_hot: "nn.oneHot",
    cross_entropy: "nn.crossEntropy",
    log_softmax: "nn.logSoftmax",
    leaky_relu: "nn.leakyRelu",
    swish: "nn.silu",
    exp: "np.exp",
    max_pool: "nn.maxPool",
    layer_norm: "nn.layerNorm",
    nll_loss: "nn.crossEntropy",
    conv2d: "lax.conv",
    softMax: "nn.softmax",
  },
  lax: {
    conv_transpose: "lax.convTranspose",
    conv_general_dilated: "lax.conv",
    stop_gradient: "stopGradient",
    select: "np.where",
    exp: "np.exp",
  },
  linalg: { logdet: "linalg.slogdet", solve_triangular: "linalg.solveTriangular", matrix_norm: "linalg.norm", lstsq: "linalg.solve" },
  random: {
    PRNGKey: "random.key",
    fold_in: "random.foldIn",
    randn: "random.normal",
    shuffle: "random.permutation",
    integers: "random.randint",
    multinomial: "random.categorical",
  },
  tree: { tree_map: "tree.map", zeros_like: "tree.zerosLike", vdot: "tree.dot" },
};
const methods: Readonly<Record<string, string>> = {
  plus: "x.add",
  subtract: "x.sub",
  multiply: "x.mul",
  view: "x.reshape",
  permute: "x.transpose",
  unsqueeze: "np.expandDims(x, …)",
  to: "x.astype",
  std: "np.std(x, …)",
  exp: "np.exp(x, …)",
  relu: "nn.relu(x, …)",
  argmax: "np.argmax(x, …)",
  clip: "np.clip(x, …)",
  detach: "stopGradient",
  length: "x.size",
  mm: "x.matmul",
  squeeze: "np.squeeze(x, …)",
  greater_equal: "x.greaterEqual",
  amax: "x.max",
  reshpe: "x.reshape",
};

const said = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return error instanceof UfomError ? error.message : String(error);
  }
  return "nothing";
};

describe("a name of another library is answered with the one that is here", () => {
  const cases = Object.entries(foreign).flatMap(([place, names]) => Object.entries(names).map(([name, there]) => ({ place, name, there })));
  it.each(cases)("$place.$name", ({ place, name, there }) => {
    const module = (ufom as unknown as Record<string, Record<string, unknown>>)[place];
    expect(said(() => module[name])).toBe(`ufom: ${place} has no ${name}; ${there} is there.`);
  });

  it.each(Object.entries(methods))("x.%s", (name, there) => {
    let sentence = "";
    trace((x: Value) => ((sentence = said(() => (x as unknown as Record<string, unknown>)[name])), x), [float(2)]);
    expect(sentence).toBe(`ufom: a traced value has no ${name}; ${there} is there.`);
  });

  it("and every name of a sentence is there", () => {
    const all = [...cases.map(c => c.there), ...Object.values(methods)].map(there => there.replace("(x, …)", ""));
    const has = (path: string): boolean => {
      const [place, name] = path.split(".");
      if (name === undefined) return place in ufom;
      return place === "x" ? name in ufom.Value.prototype : name in (ufom as unknown as Record<string, object>)[place];
    };
    expect(all.filter(there => !has(there))).toEqual([]);
    expect(all.length).toBeGreaterThan(80);
  });

  it("what is near nothing is undefined, as of any object: nothing that asks is disturbed", async () => {
    const np = ufom.np as unknown as Record<string, unknown>;
    expect([np.then, np.toJSON, np.whatever, np.fft]).toEqual([undefined, undefined, undefined, undefined]);
    expect(await Promise.resolve(ufom.np)).toBe(ufom.np);
    expect("concat" in ufom.np).toBe(false);
    expect(Object.keys(ufom.np)).toContain("concatenate");
    trace(
      (x: Value) => {
        const value = x as unknown as Record<string, unknown>;
        expect([value.then, value.whatever, value.constructor]).toEqual([undefined, undefined, ufom.Value]);
        return x;
      },
      [float(2)],
    );
  });

  it("types know only what there is", () => {
    // @ts-expect-error no such name
    expect(() => ufom.np.concat).toThrow();
    const padding: ufom.lax.Padding = "SAME";
    expect(padding).toBe("SAME");
  });
});
