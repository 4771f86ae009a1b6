import type { Executor } from "ufom";
import { stream } from "ufom/internal/core/random/index";
import type { Table } from "../tables/columns.js";
import { encode } from "../tables/encode.js";
import { fitEncoding, type Encoding } from "../tables/encoding.js";
import { groupsOf, penaltiesFor, type Groups } from "./groups.js";
import { numbersOf, thetaAt, type Sizes } from "./knobs.js";
import type { Architecture } from "./model.js";
import type { TuningShape } from "./problem.js";
import { pick, targetsOf, type TuningRows } from "./rows.js";
import type { TargetKind } from "./scores.js";
import type { TuneSettings } from "./settings.js";
import { Trainer, type Config } from "./trainer.js";

/** Sizes of knobs: how many numbers each has. */
const sizesOf = (groups: Groups, { outputs, kind, hidden }: Architecture): Sizes => ({
  penalties: groups.names.length + Number(hidden > 0),
  rate: 1,
  schedule: 1,
  length: 1,
  "class-weights": kind === "classes" ? outputs : 0,
  smoothing: kind === "classes" ? 1 : 0,
});

/** What is learned from an encoding's features: the model, its groups and knobs. */
export function shapeOf(encoding: Encoding, target: TargetKind, rows: TuningRows, settings: TuneSettings) {
  const groups = groupsOf(encoding, settings.groups);
  const { model, hidden, innerSteps, learn } = settings;
  const architecture: Architecture = {
    ...{ model, hidden: model === "mlp" ? hidden : 0, width: rows.width, outputs: rows.outputs, kind: target.kind },
  };
  const sizes = sizesOf(groups, architecture);
  const learned = learn.filter(name => sizes[name] > 0);
  const shape: TuningShape = { architecture, groups: groups.of, sizes, learned, steps: innerSteps, rows: rows.count };
  return { groups, shape };
}

/** Features and targets of all rows of a table. */
export function rowsOf(table: Table, encoding: Encoding, balanced: boolean): TuningRows & { readonly notes: readonly string[] } {
  const { data, width, notes } = encode(encoding, table);
  const targets = targetsOf(
    table.label!,
    encoding.target!,
    Int32Array.from({ length: table.rowCount }, (_, i) => i),
    balanced,
  );
  return { ...targets, features: data, width, notes };
}

/** Some of the rows at random, of each class the same share. */
export function sampled(rows: TuningRows, most: number, seed: number): TuningRows {
  if (rows.count <= most) return rows;
  const order = stream(seed, "tuning sample").permutation(rows.count);
  const chosen = [...order]
    .sort((a, b) => rows.codes[a] - rows.codes[b])
    .filter((_, i) => Math.floor(((i + 1) * most) / rows.count) > Math.floor((i * most) / rows.count));
  return pick(rows, Int32Array.from(chosen).sort());
}

/** The model of a configuration, trained on all rows. */
export async function finish(table: Table, target: TargetKind, config: Config, groups: Groups, settings: TuneSettings, executor: Executor) {
  const encoding = fitEncoding(table);
  const rows = rowsOf(table, encoding, settings.balanced);
  const { groups: mine, shape } = shapeOf(encoding, target, rows, settings);
  const everything = Int32Array.from({ length: rows.count }, (_, i) => i);
  const trainer = await Trainer.make(shape, rows, [{ train: everything, validation: everything.subarray(0, 1) }], {
    executor,
    seed: settings.seed,
  });
  const known = numbersOf(config.theta, { ...shape.sizes, penalties: groups.names.length + Number(shape.architecture.hidden > 0) });
  const numbers = { ...known, penalties: penaltiesFor(mine, groups, known.penalties) };
  const theta = thetaAt(numbers, shape.learned, shape.sizes);
  const [weights] = await trainer.fit({ ...config, theta }, trainer.dealt.tasks[0], [config.steps]);
  return { weights, encoding, shape };
}
