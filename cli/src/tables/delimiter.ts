/** What may stand between cells, the likelier first. */
export const delimiters = [",", "\t", ";", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

/** As messages show it. */
export const delimiterName = (delimiter: string): string => (delimiter === "\t" ? "tab" : JSON.stringify(delimiter));

/** Number of each delimiter outside of quotes, line by line, of lines that are whole. */
function counts(text: string): number[][] {
  const lines: number[][] = [];
  let line = delimiters.map(() => 0);
  let [quoting, empty] = [false, true];
  for (const letter of text) {
    if (letter === '"') quoting = !quoting;
    if (!quoting && (letter === "\n" || letter === "\r")) {
      if (!empty) lines.push(line);
      line = delimiters.map(() => 0);
      empty = true;
      continue;
    }
    empty = false;
    const which = quoting ? -1 : delimiters.indexOf(letter as Delimiter);
    if (which >= 0) line[which]++;
  }
  // The last line may be cut off; where it is the only one, it is all there is.
  if (lines.length === 0) lines.push(line);
  return lines;
}

/** The delimiter with which most lines have as many cells as the first; of several, the one that gives more cells. A comma where there is none. */
export function findDelimiter(text: string): Delimiter {
  const lines = counts(text);
  const judged = delimiters.map((delimiter, d) => {
    const first = lines[0][d];
    const agreeing = lines.filter(line => line[d] === first).length;
    return { delimiter, first, share: agreeing / lines.length };
  });
  const possible = judged.filter(({ first }) => first > 0);
  if (possible.length === 0) return ",";
  return possible.reduce((a, b) => (b.share > a.share || (b.share === a.share && b.first > a.first) ? b : a)).delimiter;
}
