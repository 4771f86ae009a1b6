import { answering } from "./foreign-names.js";
import * as initializersModule from "./initializers.js";
import * as laxModule from "./lax.js";
import * as linalgModule from "./linalg.js";
import * as nnModule from "./nn.js";
import * as npModule from "./np/index.js";
import * as randomModule from "./random.js";
import * as treeModule from "./tree-functions.js";

/** Functions of values, as NumPy and `jax.numpy` have them. */
export const np: typeof npModule = /* @__PURE__ */ answering("np", npModule);
/** Activations, losses and layers. */
export const nn: typeof nnModule = /* @__PURE__ */ answering("nn", nnModule);
/** First parameters of layers. */
export const initializers: typeof initializersModule = /* @__PURE__ */ answering("initializers", initializersModule);
/** Convolutions, and loops inside a program. */
export const lax: typeof laxModule = /* @__PURE__ */ answering("lax", laxModule);
/** Linear algebra. */
export const linalg: typeof linalgModule = /* @__PURE__ */ answering("linalg", linalgModule);
/** Random numbers inside a program. */
export const random: typeof randomModule = /* @__PURE__ */ answering("random", randomModule);
/** Functions of trees of values. */
export const tree: typeof treeModule = /* @__PURE__ */ answering("tree", treeModule);

// The types that stand beside the functions: `lax.Padding`.
/* eslint-disable @typescript-eslint/no-namespace */
export declare namespace np {
  export type LinspaceOptions = npModule.LinspaceOptions;
  export type MeshgridOptions = npModule.MeshgridOptions;
  export type ReduceOptions = npModule.ReduceOptions;
}
export declare namespace nn {
  export type AttentionOptions = nnModule.AttentionOptions;
  export type CellOptions = nnModule.CellOptions;
  export type ConvInitOptions = nnModule.ConvInitOptions;
  export type ConvLayerOptions = nnModule.ConvLayerOptions;
  export type EmbeddingOptions = nnModule.EmbeddingOptions;
  export type GroupNormOptions = nnModule.GroupNormOptions;
  export type MultiHeadAttentionOptions = nnModule.MultiHeadAttentionOptions;
  export type NormOptions = nnModule.NormOptions;
  export type PoolOptions = nnModule.PoolOptions;
  export type WeightOptions = nnModule.WeightOptions;
}
export declare namespace lax {
  export type Padding = laxModule.Padding;
  export type ConvOptions = laxModule.ConvOptions;
  export type ConvTransposeOptions = laxModule.ConvTransposeOptions;
  export type ForiOptions = laxModule.ForiOptions;
  export type ScanMemory = laxModule.ScanMemory;
  export type ScanOptions = laxModule.ScanOptions;
}
export declare namespace linalg {
  export type NormOrder = linalgModule.NormOrder;
  export type SolveTriangularOptions = linalgModule.SolveTriangularOptions;
}
export declare namespace random {
  export type ChoiceOptions = randomModule.ChoiceOptions;
}
