import { copyFile, constants } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import type { Terminal } from "../terminal.js";

const template = fileURLToPath(new URL("../../templates/problem.ts", import.meta.url));

/** `ufom new NAME.ts`: a problem to start from. */
export async function newProblem(name: string, terminal: Terminal): Promise<ExitCode> {
  const extension = path.extname(name);
  if (name === "") throw new UsageError('ufom: new takes the name of a TypeScript file (my-problem.ts); received "".');
  if (extension !== "" && extension !== ".ts" && extension !== ".mts") {
    throw new UsageError(`ufom: new takes the name of a TypeScript file (my-problem.ts); received ${name}.`);
  }
  const file = extension === "" ? `${name}.ts` : name;
  try {
    await copyFile(template, file, constants.COPYFILE_EXCL);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new UsageError(`ufom: new must not overwrite ${file}, which is there already.`, { cause: error });
    if (code === "ENOENT") throw new UsageError(`ufom: new needs the folder of ${file} to be there; it is not.`, { cause: error });
    throw error;
  }
  const shown = path.isAbsolute(file) || file.startsWith(".") ? file : `./${file}`;
  terminal.json({ file: path.resolve(file) });
  terminal.line(`Wrote ${file}, a problem that runs as it is. Try:`);
  terminal.line(`  ufom run ${shown}`);
  terminal.line(`  ufom inspect ${shown}`);
  return exitCode.done;
}
