import type { HostArray, HostTree } from "ufom";
import { paths } from "ufom/internal/tensor/tree";
import type { Split } from "../../datasets/splits.js";
import { trainBatch, trainShots } from "./checks.js";
import type { FewShotOptions } from "./options.js";
import { quantity } from "ufom/internal/tensor/quantity";

const count = (n: number): string => n.toLocaleString("en-US");

/** How many numbers a tree holds. */
export const sizeOf = (tree: HostTree): number =>
  (paths("theta", tree) as [string, HostArray][]).reduce((sum, [, { data }]) => sum + data.length, 0);

const perStep = (batch: number): string => (batch === 0 ? "all images at every step" : `${quantity(batch, "image")} a step`);

function innerLine(options: FewShotOptions, steps: number): string {
  const { loss, rate, proximal, adapts, beta1, "inner-optimizer": optimizer, "learn-rates": learned, "swept-clip": clip } = options;
  return [
    `inner loop: ${quantity(steps, "step")} of ${optimizer}${optimizer === "adam" ? ` (β₁ = ${beta1})` : ""}, α = ${rate}`,
    ...(learned === "none" ? [] : [`learned for each array${learned === "step" ? " and step" : ""} from there`]),
    `on the ${loss} of the cross entropies${proximal > 0 ? ` + ${proximal}/2·‖φ − θ‖²` : ""}`,
    ...(adapts === "all" ? [] : [`of the ${adapts} alone`]),
    ...(clip === 0 ? [] : [`α·u within ±${clip} in the exact sweep, whose clipped gradient is what UFOM is then unbiased for`]),
  ].join(", ");
}

/** The protocol in a few lines. */
export function protocolOf(options: FewShotOptions, split: Split, theta: HostTree, steps: number): readonly string[] {
  const { ways, shots, queries, model, filters, tasks, transductive } = options,
    { name, origin, channels, height, width } = split.train,
    training = trainShots(options),
    batch = trainBatch(options),
    images = (n: number) => quantity(n, "image"),
    validated = split.validation === undefined ? "testing classes, as the split keeps none for it" : "validation classes";
  return [
    `${name}: ${channels} × ${height} × ${width}, 0 black and 1 white; ${origin.replace(/ \([^()]*\)$/, "")}`,
    `split ${split.name} ${split.hash}: ${split.description}`,
    `tasks: ${ways} ways, ${images(shots)} of each to learn from${training === shots && batch === 0 ? "" : ` (${training} in training, ${perStep(batch)})`}, ${images(queries)} to be judged by`,
    `${model}${model === "linear" ? "" : `, ${filters} ${model === "mlp" ? "units" : "filters"} a layer`}: θ has ${count(sizeOf(theta))} numbers`,
    innerLine(options, steps),
    `tested on ${quantity(tasks, "task")} of testing classes with ${quantity(options["test-steps"] || steps, "inner step")}, ${perStep(options["test-batch"])}, query images normalized ${transductive ? "together" : "by what was learned from"}; on the way ${quantity(options["validation-tasks"], "task")} of the ${validated}`,
  ];
}
