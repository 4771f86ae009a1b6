import type { FunctionBuilder, Local } from "../assembler.js";

/** Signed LEB128 of a 64-bit integer. */
export function signed64(n: bigint): number[] {
  const byte = Number(n & 127n);
  const rest = n >> 7n;
  if ((rest === 0n && !(byte & 64)) || (rest === -1n && byte & 64)) return [byte];
  return [byte | 128, ...signed64(rest)];
}

/** Arithmetic of 64-bit words, each result in a local of its own. */
export class Words {
  constructor(private readonly f: FunctionBuilder) {}
  private push(x: Local | bigint): void {
    if (typeof x === "bigint") this.f.op(0x42, ...signed64(BigInt.asIntN(64, x)));
    else this.f.get(x);
  }
  private op(n: number, a: Local | bigint, b: Local | bigint): Local {
    this.push(a);
    this.push(b);
    this.f.op(n);
    return this.pop();
  }
  /** The stack's top in a new local. */
  pop(): Local {
    const r = this.f.local("i64");
    this.f.set(r);
    return r;
  }
  add(a: Local | bigint, b: Local | bigint): Local {
    return this.op(0x7c, a, b);
  }
  sub(a: Local | bigint, b: Local | bigint): Local {
    return this.op(0x7d, a, b);
  }
  mul(a: Local, b: Local): Local {
    return this.op(0x7e, a, b);
  }
  and(a: Local, b: Local | bigint): Local {
    return this.op(0x83, a, b);
  }
  or(a: Local, b: Local | bigint): Local {
    return this.op(0x84, a, b);
  }
  shl(a: Local, by: Local | bigint): Local {
    return this.op(0x86, a, by);
  }
  shr(a: Local, by: Local | bigint): Local {
    return this.op(0x88, a, by);
  }
  /** a < b, unsigned, as a word. */
  less(a: Local, b: Local): Local {
    this.f.get(a).get(b).op(0x54, 0xad);
    return this.pop();
  }
  /** The upper word of a product of two words, from four products of half words. */
  mulHigh(a: Local, b: Local): Local {
    const mask = 0xffffffffn;
    const a0 = this.and(a, mask);
    const a1 = this.shr(a, 32n);
    const b0 = this.and(b, mask);
    const b1 = this.shr(b, 32n);
    const middle = this.add(this.mul(a1, b0), this.shr(this.mul(a0, b0), 32n));
    const other = this.add(this.mul(a0, b1), this.and(middle, mask));
    return this.add(this.mul(a1, b1), this.add(this.shr(middle, 32n), this.shr(other, 32n)));
  }
  /** Two words joined and shifted left by less than 64; the upper word. */
  joined(high: Local, low: Local, by: Local | bigint): Local {
    return this.or(this.shl(high, by), this.shr(this.shr(low, 1n), typeof by === "bigint" ? 63n - by : this.sub(63n, by)));
  }
}
