// Our programs as plain JavaScript, as the package has them (with the code of its threads): what loads TypeScript in development slows closures down.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { esbuildWorkerPlugin } from "../scripts/worker-source.mjs";

/** Bundles a program of this folder into a file. */
export async function bundle(program: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL(program, import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
    plugins: [esbuildWorkerPlugin],
  });
}
