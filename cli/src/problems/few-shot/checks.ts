import type { ImageClasses } from "../../datasets/image-classes.js";
import type { Split } from "../../datasets/splits.js";
import { fail } from "ufom/internal/tensor/error";
import type { FewShotOptions } from "./options.js";
import { checkDrawings, checkWays } from "./tasks.js";

/** From so many classes on they are drawn on demand, and nobody goes through them. */
const many = 100_000;

/** @throws a sentence if tasks of these sizes cannot be drawn of some classes */
function checkPart(
  classes: ImageClasses,
  sizes: { readonly ways: number; readonly shots: number; readonly queries: number },
  part: string,
): void {
  checkWays(classes, sizes, part);
  // Those that are drawn on demand all have as many images as the first.
  const looked = classes.count > many ? 1 : classes.count;
  for (let i = 0; i < looked; i++) checkDrawings(classes.at(i), sizes, classes.name);
}

/** Images of each class to learn from in training. */
export const trainShots = (options: FewShotOptions): number => options["train-shots"] || options.shots;

/** Images of an inner step in training; 0 for all that there are to learn from. */
export function trainBatch(options: FewShotOptions): number {
  const { ways, shots } = options,
    batch = options.batch || ways * shots;
  return batch === ways * trainShots(options) ? 0 : batch;
}

/** Refuses options that do not go together, or with the data. @throws a sentence */
export function checkOptions(options: FewShotOptions, { train, test, validation }: Split): void {
  const { model, adapts, ways, shots, queries, "inner-optimizer": optimizer, "swept-clip": clip, "learn-rates": learned } = options;
  if (model === "linear" && adapts === "body")
    fail("few-shot", "needs a network with a body for adapts = body", "model = linear, which is a head alone");
  if (clip > 0 && optimizer === "adam") fail("few-shot", "clips α·u, so swept-clip goes with inner-optimizer = sgd", "adam");
  if (clip > 0 && learned !== "none") fail("few-shot", "clips α·u by one bound, so swept-clip goes with learn-rates = none", learned);
  checkPart(train, { ways, shots: trainShots(options), queries }, "training");
  for (const part of [validation, test]) if (part !== undefined) checkPart(part, { ways, shots, queries }, "testing");
}
