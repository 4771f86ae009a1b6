/** Small capitals of 3 × 5 pixels for the names on a contact sheet: five rows from the top, each an octal digit whose bits are pixels. */
const shapes: Readonly<Record<string, string>> = {
  A: "25755", B: "65656", C: "34443", D: "65556", E: "74647", F: "74644", G: "34553", H: "55755", I: "72227",
  J: "11152", K: "55655", L: "44447", M: "57755", N: "65555", O: "25552", P: "65644", Q: "25573", R: "65655",
  S: "34216", T: "72222", U: "55557", V: "55552", W: "55775", X: "55255", Y: "55222", Z: "71247",
  0: "75557", 1: "26227", 2: "71747", 3: "71317", 4: "55711", 5: "74717", 6: "74757", 7: "71122", 8: "75757", 9: "75717",
  " ": "00000", "-": "00700", _: "00007", ".": "00002", ",": "00024", "(": "12221", ")": "42224", "/": "11244",
  "+": "02720", ":": "02020", "'": "22000", "°": "25200", "…": "00005",
}; // prettier-ignore

/** Pixels from one letter to the next. */
export const letterWidth = 4;

/** A text as it is written: capitals, and what has no shape here by its number in Unicode. */
export function spelled(text: string): string {
  const letters = Array.from(text.toUpperCase(), letter =>
    Object.hasOwn(shapes, letter) ? letter : ` U+${letter.codePointAt(0)!.toString(16).toUpperCase()}`,
  );
  return letters.join("").replace(/ {2,}/g, " ");
}

/**
 * Calls back for each pixel of a text that is ink.
 * @param text as `spelled` gives it
 */
export function write(text: string, ink: (x: number, y: number) => void): void {
  for (const [i, letter] of Array.from(text).entries()) {
    for (const [y, row] of Array.from(shapes[letter], Number).entries()) {
      for (let x = 0; x < 3; x++) if ((row >> (2 - x)) & 1) ink(letterWidth * i + x, y);
    }
  }
}
