/** Edit distance between two words: insertions, deletions, substitutions, and neighbours that changed places. */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}

/** The word of a list with the smallest edit distance to a misspelled one, or undefined if none is close. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const close = (w: string) => (w.startsWith(word) && word.length > 1 ? 1 : editDistance(word.toLowerCase(), w.toLowerCase()));
  const best = words.map(w => ({ w, distance: close(w) })).sort((x, y) => x.distance - y.distance)[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.w.length / 3)) ? best.w : undefined;
}
