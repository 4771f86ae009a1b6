/**
 * Reads 16-bit labels: a head of 8 bytes (00 00 0b 01, which in an IDX file says 16-bit numbers along one axis, and the big-endian count), then
 * big-endian unsigned numbers.
 * @param bytes the whole file, unpacked
 * @param file its name, for messages
 * @throws Error one sentence naming the file and what is wrong with it
 */
export function parseLabels16(bytes: Uint8Array, file: string): Uint16Array {
  const refuse = (rule: string, received: string): never => {
    throw new Error(`ufom: ${file} is not the file of labels it should be: ${rule}; received ${received}.`);
  };
  const hex = Array.from(bytes.subarray(0, 4), b => b.toString(16).padStart(2, "0")).join(" ");
  if (bytes.length < 8) refuse("it must begin with a head of 8 bytes", `${bytes.length} bytes`);
  if (hex !== "00 00 0b 01") refuse("it must begin with 00 00 0b 01", hex);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(4);
  if (bytes.length !== 8 + 2 * count) {
    const how = bytes.length < 8 + 2 * count ? "truncated" : "too long";
    refuse(`its ${count} labels need ${8 + 2 * count} bytes`, `${bytes.length} (${how})`);
  }
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(8 + 2 * i));
}
