import { fitting, textWidth } from "./text-width.js";

/** The columns of a terminal, or of COLUMNS where output goes elsewhere; no limit for files and pipes that say nothing. */
export function terminalWidth(stream: { readonly columns?: number } = process.stdout, environment = process.env.COLUMNS): number {
  const given = stream.columns ?? Number(environment ?? "");
  return Number.isSafeInteger(given) && given >= 20 ? given : Infinity;
}

/** Cuts a word that is longer than a line. */
function pieces(word: string, width: number): string[] {
  const found: string[] = [];
  for (let rest = word; rest !== "" || found.length === 0; rest = rest.slice(found.at(-1)!.length)) found.push(fitting(rest, width));
  return found;
}

/** A text as lines of at most `width` columns, broken between words; later lines begin with `indent`. */
export function wrap(text: string, width: number, indent = ""): string[] {
  if (textWidth(text) <= width) return [text];
  const room = Math.max(8, width - indent.length);
  const lead = /^ */.exec(text)![0];
  const lines: string[] = [];
  let line = "";
  for (const word of text
    .trim()
    .split(/ +/)
    .flatMap(w => pieces(w, Math.max(8, room - lead.length)))) {
    const limit = lines.length === 0 ? width - lead.length : room;
    if (line !== "" && textWidth(line) + 1 + textWidth(word) > limit) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((l, i) => (i === 0 ? lead + l : indent + l));
}

/** A text that has to fit: its middle is left out if it is longer. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
