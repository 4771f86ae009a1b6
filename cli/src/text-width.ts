// What a text takes on a terminal: its columns are not its characters, and some characters are orders to the terminal.

/** Code points of two columns, from and to: East Asian Wide and Fullwidth of Unicode's Annex 11, in blocks, and emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23f3],
  [0x2614, 0x2615],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2753, 0x2757],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1b000, 0x1b2ff],
  [0x1f200, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Characters that stand over or within others: of no column. */
const none = /[\p{Mn}\p{Me}\u200b-\u200f\u2060]/u;

/** Columns of one character. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0)!;
  if (none.test(character)) return 0;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Columns of a text without control characters. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** As many of a text's first characters as have room; one at least. */
export function fitting(text: string, width: number): string {
  let [used, kept] = [0, ""];
  for (const character of text) {
    used += columnsOf(character);
    if (used > width && kept !== "") break;
    kept += character;
  }
  return kept;
}

/** A text with spaces behind it, or before it, up to a width. */
export const padded = (text: string, width: number, before = false): string => {
  const spaces = " ".repeat(Math.max(0, width - textWidth(text)));
  return before ? spaces + text : text + spaces;
};

/** The picture that Unicode has of a control character. */
function sign(control: string): string {
  const code = control.charCodeAt(0);
  return control === "\n" ? control : code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
}

/**
 * A text of a file as a terminal may have it: what would be an order to the terminal (an escape sequence, a bell, another direction of writing) is shown as a
 * sign instead, and does nothing. Ends of lines stay.
 */
export const harmless = (text: string): string =>
  text
    .replaceAll("\t", " ")
    .replace(/\p{Cc}/gu, sign)
    .replace(/[\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
