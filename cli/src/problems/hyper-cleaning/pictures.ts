import { imageSize } from "../../datasets/mnist.js";
import type { Figure, GreyImage, Table } from "../figure.js";
import type { Metrics } from "../problem-entry.js";
import type { CleaningData } from "./data.js";
import { weightsOf } from "./detection.js";

const percent = (x: number): string => `${(100 * x).toFixed(2)} %`;

/** Accuracies, and how well the wrong labels were found. */
export function runTables({ train, test }: CleaningData, metrics: Metrics): readonly Table[] {
  const wrong = train.corrupted.reduce((n, bit) => n + bit, 0);
  const count = (n: number): string => n.toLocaleString("en-US");
  return [
    {
      title: `Accuracy on ${count(test.n)} test images`,
      columns: ["trained on", "test accuracy"],
      rows: [
        [`all ${count(train.n)} labels, no cleaning`, percent(metrics.accuracyNone)],
        ["all of them with the learned weights", percent(metrics.accuracyCleaned)],
        [`the ${count(train.n - wrong)} right labels only (oracle)`, percent(metrics.accuracyOracle)],
      ],
    },
    {
      title: `Finding the ${count(wrong)} wrong labels (weight < ½)`,
      columns: ["precision", "recall", "F1"],
      rows: [[metrics.precision, metrics.recall, metrics.f1].map(x => x.toFixed(4))],
    },
  ];
}

/** How many images the grid shows. */
const shown = 48;

function thumbnail({ train }: CleaningData, i: number): GreyImage {
  const size = imageSize * imageSize;
  const [given, truth] = [train.labels[i], train.trueLabels[i]];
  return {
    width: imageSize,
    height: imageSize,
    pixels: train.images.subarray(i * size, (i + 1) * size),
    label: given === truth ? `${given}, right` : `${given} → ${truth}`,
    tone: train.corrupted[i] ? "good" : "bad",
  };
}

/** Learned weights of right and wrong labels, and the images whose labels were trusted least. */
export function runFigures(data: CleaningData, logits: ArrayLike<number>): readonly Figure[] {
  const weights = weightsOf(logits);
  const of = (bit: number) => weights.filter((_, i) => data.train.corrupted[i] === bit);
  // By the logit: weights near 0 may round to the same number.
  const worst = Array.from(weights.keys()).sort((i, j) => logits[i] - logits[j] || i - j);
  const right = worst.filter(i => !data.train.corrupted[i] && logits[i] < 0);
  const grids: Figure[] = [
    {
      kind: "images",
      title: "Labels trusted least",
      caption: "Given label → true label of the images with the smallest weights; red where the given label was right.",
      images: worst.slice(0, shown).map(i => thumbnail(data, i)),
    },
  ];
  if (right.length > 0) {
    grids.push({
      kind: "images",
      title: "Right labels called wrong",
      caption: `The smallest weights among the ${right.length} right labels that were called wrong.`,
      images: right.slice(0, shown / 2).map(i => thumbnail(data, i)),
    });
  }
  return [
    {
      kind: "histogram",
      title: "Learned weights",
      caption: "A label is called wrong if its weight is below ½.",
      x: { label: "weight σ(θ)" },
      low: 0,
      high: 1,
      bins: 40,
      groups: [
        { name: "right labels", values: of(0) },
        { name: "wrong labels", values: of(1) },
      ],
    },
    ...grids,
  ];
}
