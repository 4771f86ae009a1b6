import { crc32 } from "./crc32.js";

/** The key of the metadata that holds the check sum of the whole file. */
export const checksumName = "ufom.crc32";

/** What stands in the place of the check sum while it is taken. */
export const noChecksum = "00000000";

/** The text in front of the check sum's eight digits. Inside a JSON text each quotation mark has a backslash before it, so it stands nowhere else. */
const marker = new TextEncoder().encode(`"${checksumName}":"`);

/** Where the eight digits are; −1 where there are none. */
function placeOfDigits(file: Uint8Array): number {
  for (let at = file.indexOf(marker[0]); at >= 0; at = file.indexOf(marker[0], at + 1)) {
    if (marker.every((byte, i) => file[at + i] === byte)) return at + marker.length;
  }
  return -1;
}

const digits = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The check sum of a file in whose metadata it stands, as eight hexadecimal digits: of all its bytes, with zeros for those digits. */
function sumOf(file: Uint8Array, place: number): string {
  // (`slice` of Node's Buffer is a view.)
  const plain = new Uint8Array(file);
  plain.set(digits(noChecksum), place);
  return crc32(plain).toString(16).padStart(8, "0");
}

/** Writes the check sum into a file whose metadata hold `noChecksum` under its name. */
export function sign(file: Uint8Array): Uint8Array {
  const place = placeOfDigits(file);
  file.set(digits(sumOf(file, place)), place);
  return file;
}

/** Whether a file is, to the last bit, the one that was signed with this check sum. */
export function isSigned(file: Uint8Array, checksum: string): boolean {
  const place = placeOfDigits(file);
  return place >= 0 && checksum === sumOf(file, place);
}
