import * as nn from "../src/tensor/nn.js";
import * as np from "../src/tensor/np/index.js";
import { trace } from "../src/tensor/trace.js";
import { grad, jvp } from "../src/tensor/transform.js";
import type { Program } from "../src/program/program.js";
import type { Shape, Type } from "../src/tensor/types.js";
import type { Value } from "../src/tensor/value.js";
import { shapes } from "./long-shapes.js";
import { conv4Logits, conv4Shapes } from "./conv4.js";

type Weights = readonly Value[];
/** A batch's loss; the images or points come last. */
type Loss = (w: Weights, x: Value) => Value;

/** A network: shapes of its weights, of a batch, and its loss. */
interface Network {
  readonly weights: readonly Shape[];
  readonly batch: Shape;
  readonly loss: Loss;
}

/** 1 → 40 → … → 40 → 1 on 10 points, mean squares. */
function mlp(layers: number): Network {
  const widths = [1, ...new Array<number>(layers - 1).fill(40), 1];
  return {
    weights: widths.slice(1).flatMap((n, i) => [[widths[i], n], [n]]),
    batch: [10, 1],
    loss: (w, x) => {
      let h = x;
      for (let i = 0; i < layers; i++) {
        const z = np.matmul(h, w[2 * i]).add(w[2 * i + 1]);
        h = i < layers - 1 ? nn.relu(z) : z;
      }
      return np.square(h.sub(np.sin(x))).mean();
    },
  };
}

/** Conv4 on 20 images of 28×28, of 20 ways. */
const conv4: Network = {
  weights: conv4Shapes(20),
  batch: [20, 1, 28, 28],
  loss: (w, x) => nn.crossEntropy(conv4Logits(w, x), np.arange(20)).mean(),
};

/** φ − α ∂φ L, so many times in one program. */
const stepsOf =
  ({ loss }: Network, rate: number, steps: number) =>
  (w: Weights, x: Value): Weights => {
    let at = w;
    for (let j = 0; j < steps; j++) {
      const g = grad((v: Value[]) => loss(v, x))(at as Value[]);
      at = at.map((v, i) => v.sub(g[i].mul(rate)));
    }
    return at;
  };

/** u − α H u and the mixed product with the batch. */
const productsOf =
  ({ loss }: Network, rate: number) =>
  (w: Weights, x: Value, u: Weights): Weights => {
    const slope = ([v, z]: readonly [Value[], Value]) => jvp((v: Value[]) => loss(v, z), v, u as Value[])[1];
    const [h, mixed] = grad(slope)([w, x] as [Value[], Value]);
    return [...u.map((v, i) => v.sub(h[i].mul(rate))), mixed.mul(-rate)];
  };

/** A program to compile; another rate makes another program, which no cache knows. */
export interface Case {
  readonly name: string;
  /** A long program, of which few are compiled, and only if they are asked for. */
  readonly long?: boolean;
  trace(rate: number): Program;
}

const float = (shape: Shape): Type => ({ shape, dtype: "float32" });

function caseOf(name: string, network: Network, steps: number | "products"): Case {
  const weights = network.weights.map(float),
    batch = float(network.batch);
  return {
    name,
    trace: rate =>
      steps === "products"
        ? trace(productsOf(network, rate), [weights, batch, weights]).program
        : trace(stepsOf(network, rate, steps), [weights, batch]).program,
  };
}

const layers = (n: number) => `MLP of ${n} layers`;
const mlpStep = (n: number): Case => caseOf(`step, ${layers(n)}`, mlp(n), 1);
const mlpProducts = (n: number): Case => caseOf(`products, ${layers(n)}`, mlp(n), "products");

/** About so many operations of a shape, with so many for each of what is repeated. */
const longCase = (shape: string, each: number, operations: number): Case => ({
  name: `long: ${shape}, ${operations.toLocaleString("en")}`,
  long: true,
  trace: rate => shapes[shape](Math.round(operations / each) + Math.round(1024 * (rate - 0.01))),
});

const lengths = [1_000, 10_000, 100_000];

export const cases: readonly Case[] = [
  ...[7, 20, 66, 198].map(mlpStep),
  ...[3, 10, 34, 103].map(mlpProducts),
  ...[1, 4, 11].map(n => caseOf(`${n} step${n > 1 ? "s" : ""}, Conv4`, conv4, n)),
  caseOf("products, Conv4", conv4, "products"),
  ...lengths.map(n => longCase("gradient of a chain of scalars", 11, n)),
  ...lengths.map(n => longCase("gradient of n leaves", 5, n)),
  ...lengths.map(n => longCase("gradient of a stack of n scalars", 10, n)),
  ...lengths.map(n => longCase("MLP of n layers", 8, n)),
  ...lengths.map(n => longCase("gradient of n rows of one array", 6, n)),
];
