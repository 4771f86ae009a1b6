import path from "node:path";
import { replaceFile } from "../durable.js";
import { openExecutor } from "../engine.js";
import { about } from "../file-errors.js";
import { exitCode, type ExitCode } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { predict as predicting, predictionsCsv, rowsToPredict } from "../tuning/predict.js";
import { modelFiles, readModel } from "../tuning/saved-model.js";
import { mustBeFree } from "../written-file.js";
import { missingToo, tell } from "./tune.js";

/** The options of `ufom predict`. */
export interface PredictOptions {
  readonly out?: string;
  readonly ignore?: readonly string[];
  readonly missing?: readonly string[];
}

/** `ufom predict MODEL FILE`: what a model that `ufom tune` wrote says of the rows of a file. */
export async function predict(folder: string, file: string, options: PredictOptions, terminal: Terminal): Promise<ExitCode> {
  const { out = "predictions.csv", ignore } = options;
  const read = Object.values(modelFiles).map(name => path.join(folder, name));
  await mustBeFree("--out", out, [file, ...read]);
  const { manifest, architecture, weights } = await readModel(folder);
  const { executor } = await openExecutor("auto");
  try {
    const missing = [...manifest.missing, ...(options.missing ?? [])];
    const reading = { ...(ignore === undefined ? {} : { ignore }), ...missingToo(missing) };
    const rows = await rowsToPredict(manifest.features, file, reading);
    const found = await predicting({ features: manifest.features, architecture, weights }, rows, { executor });
    await about(out, () => replaceFile(out, predictionsCsv(found)));
    const { scores, notes } = found;
    terminal.json({
      ...{ model: path.resolve(folder), file: found.file, rows: found.rows, notes },
      ...(scores === undefined ? {} : { scores }),
      predictions: path.resolve(out),
    });
    tell(terminal, found, out, false);
    return exitCode.done;
  } finally {
    executor.dispose();
  }
}
