import { OutputFolder } from "../output-folder.js";
import { modelFiles, type modelAsFiles } from "./saved-model.js";

/** The folder of `ufom tune`: config.json, result.json, report.html and the model. */
export class TuningFolder extends OutputFolder {
  /** The manifest comes last: a folder that has one has a whole model. */
  async saveModel({ manifest, weights }: ReturnType<typeof modelAsFiles>): Promise<void> {
    await this.replace(modelFiles.weights, weights);
    await this.replace(modelFiles.manifest, manifest);
  }
}
