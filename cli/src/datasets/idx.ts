/** An IDX file of unsigned bytes: `data` is a view of the file's bytes, row-major. */
export interface IdxBytes {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Type byte of the magic number, as the format's description lists them. */
const elementTypes: Readonly<Record<number, string>> = {
  0x08: "unsigned bytes",
  0x09: "signed bytes",
  0x0b: "16-bit integers",
  0x0c: "32-bit integers",
  0x0d: "32-bit floats",
  0x0e: "64-bit floats",
};
const unsignedBytes = 0x08;

const hex = (bytes: Uint8Array): string => Array.from(bytes, b => b.toString(16).padStart(2, "0")).join(" ");

/**
 * Reads an IDX file of unsigned bytes, the format MNIST was published in: two zero bytes, a type byte, the rank, `rank`
 * big-endian 32-bit sizes, then exactly the product of the sizes in bytes.
 * @param bytes the whole file
 * @param file its name, for messages
 * @param rank the number of axes it must have
 * @throws Error one sentence naming the file, the rule and what was found
 * @see http://yann.lecun.com/exdb/mnist (The IDX file format)
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: number): IdxBytes {
  const refuse = (rule: string, received: string): never => {
    throw new Error(`ufom: ${file} is not the IDX file it should be: ${rule}; received ${received}.`);
  };
  const header = 4 + 4 * rank;
  if (bytes.length < 4) refuse("it must begin with a magic number of 4 bytes", `${bytes.length} bytes`);
  const [zero, zeroToo, type, axes] = bytes;
  const magic = hex(bytes.subarray(0, 4));
  if (zero !== 0 || zeroToo !== 0) refuse("its magic number must begin with two zero bytes", magic);
  if (type !== unsignedBytes) {
    refuse("its elements must be unsigned bytes (type byte 08)", `${magic} (${elementTypes[type] ?? "no type of the format"})`);
  }
  if (axes !== rank) refuse(`it must have ${rank} ${rank === 1 ? "axis" : "axes"}`, `${magic} (${axes})`);
  if (bytes.length < header) refuse(`its header must hold ${header} bytes`, `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((n, extent) => n * extent, 1);
  if (bytes.length !== header + size) {
    refuse(
      `its sizes ${shape.join(" × ")} need ${header + size} bytes`,
      `${bytes.length} (${bytes.length < header + size ? "truncated" : "too long"})`,
    );
  }
  return { shape, data: bytes.subarray(header) };
}
