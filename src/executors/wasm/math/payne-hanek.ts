import { FunctionBuilder, unsigned, type Local } from "../assembler.js";
import { Lanes } from "./lanes.js";
import type { Require } from "./names.js";

/** 2/π after the point, to 1280 bits, more than a float64 of the largest exponent asks for. */
const twoOverPiDigits =
  "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e0" +
  "06492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f4" +
  "9c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d" +
  "7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc209af4361d";

/** Bits of zero before them, so that a window may start in front of the point. */
const padding = 64;

function signed64(n: bigint): number[] {
  const byte = Number(n & 127n), rest = n >> 7n;
  if ((rest === 0n && !(byte & 64)) || (rest === -1n && byte & 64)) return [byte];
  return [byte | 128, ...signed64(rest)];
}

/**
 * The k-th word of 64 bits of 2/π, or zero where k is out of range (a lane that needs no words is computed too, and dropped).
 * A branch table, because math functions own no memory.
 */
export function twoOverPi(): FunctionBuilder {
  const f = new FunctionBuilder("twoOverPi", ["i32"], ["i64"]);
  const words = ["0".repeat(padding / 4), ...(twoOverPiDigits.match(/.{16}/g) ?? [])].map(digits => BigInt.asIntN(64, BigInt(`0x${digits}`)));
  for (let i = 0; i <= words.length; i++) f.op(0x02, 0x40);
  f.get(f.parameters[0]).op(0x0e, ...unsigned(words.length));
  for (let i = 0; i <= words.length; i++) f.op(...unsigned(i));
  for (const word of words) f.op(0x0b, 0x42, ...signed64(word), 0x0f);
  return f.op(0x0b, 0x42, 0);
}

/** Arithmetic of 64-bit words, each result in a local of its own. */
class Words {
  constructor(private readonly f: FunctionBuilder) {}
  private push(x: Local | bigint): void { if (typeof x === "bigint") this.f.op(0x42, ...signed64(BigInt.asIntN(64, x))); else this.f.get(x); }
  private op(n: number, a: Local | bigint, b: Local | bigint): Local {
    this.push(a);
    this.push(b);
    this.f.op(n);
    return this.pop("i64");
  }
  pop(kind: "i32" | "i64"): Local {
    const r = this.f.local(kind);
    this.f.set(r);
    return r;
  }
  add(a: Local | bigint, b: Local | bigint): Local { return this.op(0x7c, a, b); }
  sub(a: Local | bigint, b: Local | bigint): Local { return this.op(0x7d, a, b); }
  mul(a: Local, b: Local): Local { return this.op(0x7e, a, b); }
  and(a: Local, b: Local | bigint): Local { return this.op(0x83, a, b); }
  or(a: Local, b: Local | bigint): Local { return this.op(0x84, a, b); }
  xor(a: Local, b: Local): Local { return this.op(0x85, a, b); }
  shl(a: Local, by: Local | bigint): Local { return this.op(0x86, a, by); }
  shr(a: Local, by: Local | bigint): Local { return this.op(0x88, a, by); }
  /** a < b, unsigned, as a word. */
  less(a: Local, b: Local): Local {
    this.f.get(a).get(b).op(0x54, 0xad);
    return this.pop("i64");
  }
  /** The upper word of a product of two words, from four products of half words. */
  mulHigh(a: Local, b: Local): Local {
    const mask = 0xffffffffn, a0 = this.and(a, mask), a1 = this.shr(a, 32n), b0 = this.and(b, mask), b1 = this.shr(b, 32n);
    const middle = this.add(this.mul(a1, b0), this.shr(this.mul(a0, b0), 32n));
    const other = this.add(this.mul(a0, b1), this.and(middle, mask));
    return this.add(this.mul(a1, b1), this.add(this.shr(middle, 32n), this.shr(other, 32n)));
  }
  /** Two words joined and shifted left by less than 64; the upper word. */
  joined(high: Local, low: Local, by: Local | bigint): Local {
    return this.or(this.shl(high, by), this.shr(this.shr(low, 1n), typeof by === "bigint" ? 63n - by : this.sub(63n, by)));
  }
}

/**
 * (x) → (n mod 4, high, low), each in both lanes: x = n π/2 + high + low with |high| ≤ π/4, for 4096 ≤ |x| < ∞; anything for other x.
 *
 * x = m 2^e with a whole m < 2⁵³. Bits of 2/π that contribute multiples of four are left out, the following 192 are
 * multiplied by m modulo 2¹⁹²: the upper two bits of the product are n, and what comes after them, known to 2^−137, is the
 * fraction of a quarter turn. No float64 is nearer to a multiple of π/2 than 2^−61, so about 75 bits of it are good.
 * Source: M. Payne, R. Hanek, Radian reduction for trigonometric functions, SIGNUM Newsletter 18 (1983).
 */
export function payneHanek(require: Require): FunctionBuilder {
  const f = new FunctionBuilder("payneHanek", ["f64"], ["v128", "v128", "v128"]), w = new Words(f), l = new Lanes(f, "float64", require);
  f.get(f.parameters[0]).op(0xbd);
  const bits = w.pop("i64"), mantissa = (1n << 52n) - 1n;
  // e = exponent − 1075; the window starts e − 2 bits after the point.
  const start = w.sub(w.and(w.shr(bits, 52n), 0x7ffn), 1077n - BigInt(padding)), by = w.and(start, 63n);
  const index = w.shr(start, 6n), word = (k: bigint): Local => {
    f.get(w.add(index, k)).op(0xa7).call(require("twoOverPi", "float64"));
    return w.pop("i64");
  };
  const words = [word(0n), word(1n), word(2n), word(3n)];
  const [w0, w1, w2] = [0, 1, 2].map(k => w.joined(words[k], words[k + 1], by));
  const m = w.or(w.and(bits, mantissa), 1n << 52n);
  const p2 = w.mul(m, w2), lower = w.mul(m, w1), p1 = w.add(lower, w.mulHigh(m, w2)), carry = w.less(p1, lower);
  const p0 = w.add(w.add(w.mul(m, w0), w.mulHigh(m, w1)), carry);
  // The fraction of a quarter turn in two words, the first of them signed: from ½ on it counts down from the next quarter.
  const fraction = w.joined(p0, p1, 2n), below = w.joined(p1, p2, 2n);
  const n = w.add(w.shr(p0, 62n), w.shr(fraction, 63n));
  const splat = (x: Local, ...code: number[]): Local => { f.get(x).op(...code); return l.pop(); };
  // As a sum of two float64: 53 bits, converted exactly, and the following 64.
  const upper = splat(w.and(fraction, -2048n), 0xb9, 0xfd, 20);
  const rest = l.mul(splat(w.joined(w.and(fraction, 2047n), below, 53n), 0xba, 0xfd, 20), 2 ** -53);
  const sum = l.add(upper, rest), h = l.mul(sum, 2 ** -64), t = l.mul(l.sub(rest, l.sub(sum, upper)), 2 ** -64);
  // (h + t) π/2; the product of the leading parts is split without error (Dekker).
  const halfPi = 1.5707963267948966, halfPiRest = 6.123233995736766e-17, veltkamp = 2 ** 27 + 1;
  const cHigh = veltkamp * halfPi - (veltkamp * halfPi - halfPi), cLow = halfPi - cHigh;
  const scaled = l.mul(h, veltkamp), hHigh = l.sub(scaled, l.sub(scaled, h)), hLow = l.sub(h, hHigh), product = l.mul(h, halfPi);
  const partial = l.add(l.add(l.sub(l.mul(hHigh, cHigh), product), l.mul(hHigh, cLow)), l.mul(hLow, cHigh));
  const error = l.add(l.add(partial, l.mul(hLow, cLow)), l.add(l.mul(h, halfPiRest), l.mul(t, halfPi)));
  const high = l.add(product, error), low = l.sub(error, l.sub(high, product));
  // −x has −n, −high and −low.
  const negative = w.sub(0n, w.shr(bits, 63n)), sign = splat(w.and(negative, 1n << 63n), 0xfd, 18);
  return f.get(splat(w.sub(w.xor(n, negative), negative), 0xfd, 18)).get(l.xor(high, sign)).get(l.xor(low, sign));
}
