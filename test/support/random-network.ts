import * as fc from "./fast-check.js";
import { stream } from "../../src/core/random/index.js";
import { printProgram } from "../../src/program/print.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, valueAndGrad } from "../../src/tensor/transform.js";
import type { HostArray, Shape } from "../../src/tensor/types.js";
import type { Value } from "../../src/tensor/value.js";
import { blocks } from "./random-network/blocks.js";
import type { RandomProgram } from "./random-program.js";

/** From what a network is made, so that fast-check can shrink it. */
interface NetworkRecipe {
  readonly seed: number;
  /** [N, C, H, W]. */
  readonly images: Shape;
  readonly layers: readonly { readonly block: number; readonly p: readonly number[]; readonly residual: boolean }[];
}

/** A smooth loss of images and weights; asks for the weights that it needs, by shape. */
const lossOf =
  ({ layers }: NetworkRecipe) =>
  (images: Value, weight: (shape: Shape) => Value): Value => {
    const features = layers.reduce((x, { block, p, residual }) => {
      const y = blocks[block % blocks.length](x, weight, p);
      return residual && y.shape.join() === x.shape.join() ? x.add(y) : y;
    }, images);
    const rows = features.reshape([features.shape[0], -1]),
      logits = np.matmul(rows, weight([rows.shape[1], 3]));
    return nn
      .logsumexp(logits)
      .sub(logits.mul(np.arange(3).div(3)).sum(-1))
      .mean();
  };

/** Shapes of the weights that a loss asks for. */
function weightShapes(loss: ReturnType<typeof lossOf>, images: Shape): Shape[] {
  const shapes: Shape[] = [];
  trace(
    (x: Value) =>
      loss(x, shape => {
        shapes.push(shape);
        return np.zeros(shape);
      }),
    [{ shape: images, dtype: "float32" }],
  );
  return shapes;
}

/** The program of a network's loss, its gradient, a Hessian-vector product and the mixed product with its images, in float64. */
function cook(recipe: NetworkRecipe): RandomProgram {
  const loss = lossOf(recipe),
    { seed, images } = recipe;
  const asking = (x: Value, weights: readonly Value[]) => {
    let next = 0;
    return loss(x, () => weights[next++]);
  };
  const products = (x: Value, weights: Value[], u: Value[]) => {
    const [value, gradient] = valueAndGrad((w: Value[]) => asking(x, w))(weights);
    const slope = ([w, z]: readonly [Value[], Value]) => jvp((v: Value[]) => asking(z, v), w, u)[1];
    return [value, gradient, grad(slope)([weights, x] as [Value[], Value])];
  };
  const random = stream(seed, "network"),
    shapes = weightShapes(loss, images);
  const numbers = (scale: number) => shapes.map(s => random.normal(s, scale));
  const inputs = [random.normal(images), numbers(0.7), numbers(1)] as const;
  const precise = (x: HostArray): HostArray => ({ ...x, dtype: "float64", data: Float64Array.from(x.data) });
  return { program: trace(products, inputs, "float64").program, inputs: inputs.flat().map(precise) };
}

const layer = fc.record({ block: fc.nat(100), p: fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }), residual: fc.boolean() });

/** Random networks of convolutions, pools, norms, attention, dense layers and activations, with their derivatives. */
export const randomNetwork = (): fc.Arbitrary<RandomProgram> =>
  fc
    .record({
      seed: fc.nat(1_000_000),
      images: fc.tuple(...[3, 4, 6, 6].map(max => fc.integer({ min: 1, max }))),
      layers: fc.array(layer, { minLength: 1, maxLength: 5, size: "max" }),
    })
    .map(recipe => {
      const made = cook(recipe);
      return Object.assign(made, { [fc.toStringMethod]: () => `\n${printProgram(made.program)}\nrecipe ${JSON.stringify(recipe)}\n` });
    });
