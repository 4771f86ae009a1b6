import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

/**
 * A script of this folder as one file of plain JavaScript, run in a process of one thread with a small nursery: what a loader and a collector that
 * runs when it likes add to the memory of a process (up to 15 %, at random) is not there, so that what the script holds is seen.
 */
export class Alone {
  private constructor(
    private readonly folder: string,
    private readonly script: string,
  ) {}

  /** @param name of the script, without `.ts` */
  static async make(name: string): Promise<Alone> {
    const folder = await mkdtemp(path.join(tmpdir(), "ufom-alone-")),
      script = path.join(folder, `${name}.mjs`),
      entryPoints = [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))];
    await build({ entryPoints, bundle: true, platform: "node", format: "esm", outfile: script, logLevel: "error" });
    return new Alone(folder, script);
  }

  /** What the script prints, a JSON document. */
  async run<R>(...args: readonly string[]): Promise<R> {
    const options = ["--single-threaded", "--max-semi-space-size=1", "--expose-gc"];
    const { stdout } = await promisify(execFile)(process.execPath, [...options, this.script, ...args]);
    return JSON.parse(stdout) as R;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
