/** Reads numbers of WebAssembly's binary format. */
class Reader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++];
  }

  /** Unsigned LEB128. */
  number(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  part(length: number): Reader {
    this.at += length;
    return new Reader(this.bytes.subarray(this.at - length, this.at));
  }
}

/** Instructions with operands that are read as numbers (signed ones have the same length), by the count of them. */
const operands = new Map<number, number>([
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3f, 0x40, 0x41, 0x42].map(op => [op, 1] as const),
  ...Array.from({ length: 0x3e - 0x28 + 1 }, (_, i) => [0x28 + i, 2] as const),
  [0x11, 2],
]);
/** Instructions without operands: control, selection, numeric. */
const isPlain = (op: number): boolean => [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b].includes(op) || (op >= 0x45 && op <= 0xc4);

/** Skips the operands of a SIMD instruction. */
function skipVector(r: Reader, op: number): void {
  const isLaneAccess = op >= 0x54 && op <= 0x5b;
  if (op <= 0x0b || isLaneAccess || op === 0x5c || op === 0x5d) {
    r.number();
    r.number();
  }
  if (op === 0x0c || op === 0x0d) r.at += 16;
  if (isLaneAccess || (op >= 0x15 && op <= 0x22)) r.at += 1;
}

/** The code of a function, after its locals: `fd 100` stands for number 0x100 of the SIMD instructions. */
function* instructions(r: Reader): Generator<string> {
  while (!r.ended) {
    const op = r.byte(),
      count = operands.get(op);
    if (op === 0xfd) {
      const number = r.number();
      skipVector(r, number);
      yield `fd ${number.toString(16)}`;
      continue;
    }
    if (op === 0x43) r.at += 4;
    else if (op === 0x44) r.at += 8;
    else if (op === 0x0e) for (let labels = r.number(); labels >= 0; labels--) r.number();
    else if (count !== undefined) for (let i = 0; i < count; i++) r.number();
    else if (!isPlain(op)) throw new Error(`instruction ${op.toString(16)} at ${r.at} is not known here`);
    yield op.toString(16);
  }
}

/** The distinct instructions of a WebAssembly module, in hexadecimal. @throws on an instruction that it does not know */
export function instructionsOf(module: Uint8Array): Set<string> {
  const r = new Reader(module.subarray(8)),
    found = new Set<string>();
  while (!r.ended) {
    const id = r.byte(),
      section = r.part(r.number());
    if (id !== 10) continue;
    for (let functions = section.number(); functions > 0; functions--) {
      const body = section.part(section.number());
      for (let groups = body.number(); groups > 0; groups--) {
        body.number();
        body.byte();
      }
      for (const name of instructions(body)) found.add(name);
    }
  }
  return found;
}
