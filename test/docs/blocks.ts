import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A fenced block of a document. */
export interface CodeBlock {
  /** Path of the document from the repository's root. */
  readonly document: string;
  /** Line of the document, from 1, that holds the block's first line of code. */
  readonly line: number;
  readonly language: string;
  /** The words after the language: ` ```ts fragment ` has one. */
  readonly words: readonly string[];
  readonly code: string;
}

/** The fenced blocks of a Markdown text. @throws if a fence is never closed */
export function codeBlocks(document: string, markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const open = /^( *)(`{3,}|~{3,})\s*(.*)$/.exec(lines[i]);
    if (!open) continue;
    const [, indent, fence, info] = open;
    const first = i + 1;
    do i++;
    while (i < lines.length && lines[i].trim() !== fence);
    if (i === lines.length) throw new Error(`${document}:${first}: the fence is never closed`);
    const [language = "", ...words] = info.trim().split(/\s+/);
    const code = lines.slice(first, i).map(line => line.slice(line.startsWith(indent) ? indent.length : 0));
    blocks.push({ document, line: first + 1, language, words, code: code.join("\n") });
  }
  return blocks;
}

/** The documents whose code must work: the README and everything in docs/. */
export function documents(root: string): string[] {
  const docs = existsSync(join(root, "docs")) ? readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }) : [];
  const pages = docs.filter(name => name.endsWith(".md")).sort();
  return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...pages.map(name => `docs/${name.replaceAll("\\", "/")}`)].filter(name =>
    existsSync(join(root, name)),
  );
}

/** All blocks of all documents. */
export const allBlocks = (root: string): CodeBlock[] =>
  documents(root).flatMap(document => codeBlocks(document, readFileSync(join(root, document), "utf8")));

/** The examples of docstrings that stand alone, as they begin with what they import; the others are pieces of a context. */
export function docstringExamples(root: string): CodeBlock[] {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(name => name.endsWith(".ts"));
  return sources.sort().flatMap(name => {
    const lines = readFileSync(join(root, "src", name), "utf8").split(/\r?\n/);
    return lines.flatMap((line, i) => {
      if (!line.endsWith("* @example") || !lines[i + 1].includes("* import ")) return [];
      const rest = lines.slice(i + 1),
        end = rest.findIndex(text => /^\s*\*(\/|$)/.test(text)),
        code = rest.slice(0, end).map(text => text.replace(/^\s*\* /, ""));
      return [{ document: `src/${name.replaceAll("\\", "/")}`, line: i + 2, language: "ts", words: [], code: code.join("\n") }];
    });
  });
}
