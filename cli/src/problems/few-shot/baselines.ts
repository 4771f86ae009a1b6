import { evaluate, linalg, np } from "ufom";
import type { HostTree, Value, ValueTree } from "ufom";
import { queryScores, shareOfRight, type Where } from "./evaluation.js";
import type { Architecture, Model } from "./networks.js";
import { architectures } from "./networks.js";
import type { Theta } from "./problem.js";
import type { Task } from "./tasks.js";

/** Rows of ones and zeros, [n, ways]. */
const oneHot = (y: Value, ways: number): Value => np.equal(np.expandDims(y, -1), np.arange(ways)).astype(np.float32);

/**
 * Ridge regression of the classes on features of the images to learn from, as scores of others: with centred features F and one row of ones and zeros Y
 * for each image, F_query Fᵀ (F Fᵀ + λI)⁻¹ (Y − mean), λ a tenth of the mean of F Fᵀ's diagonal.
 */
function ridgeScores(support: Value, y: Value, query: Value, ways: number): Value {
  const mean = support.mean([0], { keepdims: true }),
    f = support.sub(mean),
    gram = np.matmul(f, f.T),
    n = f.shape[0],
    // Features that are all alike have a diagonal of zeros.
    penalty = linalg
      .trace(gram)
      .mul(0.1 / n)
      .add(1e-6),
    targets = oneHot(y, ways),
    centred = targets.sub(targets.mean([0], { keepdims: true }));
  return np.matmul(np.matmul(query.sub(mean), f.T), linalg.solve(gram.add(np.eye(n).mul(penalty)), centred));
}

/** Scores of the query images that are largest for the class of the nearest image to learn from, by Euclidean distance between pixels. */
function nearestScores({ support, query }: Task<Value>, ways: number): Value {
  const flat = (x: Value) => x.reshape([x.shape[0], -1]),
    [s, q] = [flat(support.x), flat(query.x)],
    distances = np.square(s).sum(1).sub(np.matmul(q, s.T).mul(2));
  return oneHot(np.take(support.y, np.argmin(distances, -1), 0), ways);
}

/** The shares of query images that are classified rightly without any learning of where to start. */
export interface Baselines {
  /** By ridge regression on the features of a network. */
  readonly probe: number[];
  /** By the nearest image, pixel by pixel. */
  readonly nearest: number[];
}

/** @param theta the network whose features the probe is on; only its body is used */
export async function baselinesOf(
  model: Model,
  ways: number,
  theta: HostTree,
  count: number,
  task: (i: number) => HostTree,
  transductive: boolean,
  where: Where,
): Promise<Baselines> {
  const both = evaluate((body: ValueTree, given: ValueTree) => {
    const at = given as unknown as Task<Value>,
      { support, query } = at,
      features = (x: Value, reference = x.shape[0]) =>
        (architectures[model] as Architecture).features(body as unknown as Theta<Value>["network"]["body"], x, reference),
      probe = ridgeScores(features(support.x), support.y, queryScores(features, at, transductive), ways);
    return { probe: shareOfRight(probe, query.y), nearest: shareOfRight(nearestScores(at, ways), query.y) };
  }, where);
  const found: Baselines = { probe: [], nearest: [] },
    { body } = (theta as unknown as Theta).network;
  for (let i = 0; i < count; i++) {
    const { probe, nearest } = await both(body, task(i));
    found.probe.push(probe.data[0]);
    found.nearest.push(nearest.data[0]);
  }
  return found;
}
