import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { CodeBlock } from "./blocks.js";
import { commandLines, ufomWords } from "./command-lines.js";

export const isAfterCommands = ({ words }: CodeBlock): boolean => words.includes("after-commands");

/**
 * The TypeScript blocks of the documents as modules of their own: type-checked, and run, against the built package.
 * The convention, by the words after the language:
 *
 * - ` ```ts ` is type-checked and executed;
 * - ` ```ts check ` is type-checked only (it runs long, or needs what a test has not);
 * - ` ```ts fragment ` is neither (a piece out of context);
 * - ` ```ts after-commands ` is type-checked and executed, by tsx, in a folder where the `ufom` commands above it were run.
 */
export class DocumentCode {
  readonly #folder: string;

  constructor(
    private readonly root: string,
    readonly blocks: readonly CodeBlock[],
    /** The shell blocks of the documents. */
    shells: readonly CodeBlock[] = [],
  ) {
    // Inside the repository, so that "ufom" is the package itself.
    this.#folder = join(root, ".cache/docs");
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
    for (const block of blocks) writeFileSync(this.#file(block, "ts"), "\n".repeat(block.line - 1) + block.code + "\n");
    const after = new Map(blocks.filter(isAfterCommands).map(({ document, line }) => [document, line]));
    for (const command of commandLines(shells)) {
      const words = ufomWords(command);
      if (words && command.line < (after.get(command.document) ?? 0)) this.#run(command.document, words);
    }
  }

  /** Runs the built command. @throws with what it wrote, if it fails */
  #run(document: string, words: readonly string[]): void {
    const main = join(this.root, "cli/dist/main.js"),
      { status, stderr } = spawnSync(process.execPath, [main, ...words], { cwd: this.#folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`${document}: ufom ${words.join(" ")} fails (exit code ${status}):\n${stderr}`);
  }

  /** Blank lines before the code make its lines those of the document. */
  #file({ document, line }: CodeBlock, extension: string) {
    return join(this.#folder, `${document.replaceAll("/", "-")}-${line}.${extension}`);
  }

  /** The type errors of every block, as `README.md:12: message`. */
  typeErrors(): Map<CodeBlock, string[]> {
    const files = new Map(this.blocks.map(block => [this.#file(block, "ts"), block]));
    const program = ts.createProgram([...files.keys()], {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      moduleDetection: ts.ModuleDetectionKind.Force,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(this.root, "node_modules/@types")],
    });
    const found = new Map<CodeBlock, string[]>(this.blocks.map(block => [block, []]));
    for (const { file, start = 0, messageText } of ts.getPreEmitDiagnostics(program)) {
      const message = ts.flattenDiagnosticMessageText(messageText, "\n");
      const block = file && files.get(file.fileName);
      if (!block) throw new Error(`${file?.fileName ?? "the compiler"}: ${message}`);
      found.get(block)?.push(`${block.document}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${message}`);
    }
    return found;
  }

  /** Runs a block in a process of its own. @throws with the document's line and everything it wrote, if it fails */
  async execute(block: CodeBlock): Promise<string> {
    const { outputText } = ts.transpileModule("\n".repeat(block.line - 1) + block.code, {
      fileName: this.#file(block, "ts"),
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, inlineSourceMap: true, inlineSources: true },
    });
    const program = this.#file(block, "mjs");
    writeFileSync(program, outputText);
    const loader = isAfterCommands(block) ? ["--import", "tsx"] : [];
    const child = spawn(process.execPath, [...loader, "--enable-source-maps", program], { cwd: this.#folder, timeout: 60_000 });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    if (code !== 0)
      throw new Error(
        `${block.document}:${block.line}: the block fails (${code === null ? "took too long" : `exit code ${code}`}):\n${output}`,
      );
    return output;
  }
}
