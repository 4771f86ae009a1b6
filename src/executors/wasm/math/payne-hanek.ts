import { FunctionBuilder, unsigned, type Local } from "../assembler.js";
import { WasmLanes } from "./lanes.js";
import type { Require } from "./names.js";
import { signed64, Words } from "./words.js";

/** 2/π after the point, to 1280 bits, more than a float64 of the largest exponent asks for. */
const twoOverPiDigits =
  "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e0"
  + "06492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f4"
  + "9c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d"
  + "7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc209af4361d";

/** Bits of zero before them, so that a window may start in front of the point. */
const padding = 64;

/**
 * The k-th word of 64 bits of 2/π, or zero where k is out of range (a lane that needs no words is computed too, and dropped).
 * A branch table, because math functions own no memory.
 */
export function twoOverPi(): FunctionBuilder {
  const f = new FunctionBuilder("twoOverPi", ["i32"], ["i64"]);
  const words = ["0".repeat(padding / 4), ...(twoOverPiDigits.match(/.{16}/g) ?? [])].map(digits =>
    BigInt.asIntN(64, BigInt(`0x${digits}`)),
  );
  for (let i = 0; i <= words.length; i++) f.op(0x02, 0x40);
  f.get(f.parameters[0]).op(0x0e, ...unsigned(words.length));
  for (let i = 0; i <= words.length; i++) f.op(...unsigned(i));
  for (const word of words) f.op(0x0b, 0x42, ...signed64(word), 0x0f);
  return f.op(0x0b, 0x42, 0);
}

/** The number of quarter turns in x as n mod 4 and a fraction of −½ … ½, upper + rest in units of 2^−64; all in both lanes. */
function quarterTurns(l: WasmLanes, x: Local): { readonly n: Local; readonly upper: Local; readonly rest: Local } {
  const { f } = l;
  const w = new Words(f);
  f.get(x).op(0xbd);
  const bits = w.pop();
  const m = w.or(w.and(bits, (1n << 52n) - 1n), 1n << 52n);
  // e = exponent − 1075; the window starts e − 2 bits after the point.
  const start = w.sub(w.and(w.shr(bits, 52n), 0x7ffn), 1077n - BigInt(padding));
  const [w0, w1, w2, w3] = [0n, 1n, 2n, 3n].map(k => {
    f.get(w.add(w.shr(start, 6n), k))
      .op(0xa7)
      .call(l.require("twoOverPi", "float64"));
    return w.pop();
  });
  const by = w.and(start, 63n);
  const [v0, v1, v2] = [w.joined(w0, w1, by), w.joined(w1, w2, by), w.joined(w2, w3, by)];
  const p2 = w.mul(m, v2);
  const lower = w.mul(m, v1);
  const p1 = w.add(lower, w.mulHigh(m, v2));
  const p0 = w.add(w.add(w.mul(m, v0), w.mulHigh(m, v1)), w.less(p1, lower));
  // The fraction in two words, the first of them signed: from ½ on it counts down from the next quarter.
  const fraction = w.joined(p0, p1, 2n);
  const below = w.joined(p1, p2, 2n);
  const splat = (word: Local, ...code: number[]): Local => {
    f.get(word).op(...code);
    return l.pop();
  };
  return {
    n: splat(w.add(w.shr(p0, 62n), w.shr(fraction, 63n)), 0xfd, 18),
    // 53 bits, converted exactly, and the following 64.
    upper: splat(w.and(fraction, -2048n), 0xb9, 0xfd, 20),
    rest: l.mul(splat(w.joined(w.and(fraction, 2047n), below, 53n), 0xba, 0xfd, 20), 2 ** -53),
  };
}

/** (a + b) π/2 as a sum of two; the product of the leading parts is split without error (Dekker). */
function timesHalfPi(l: WasmLanes, a: Local, b: Local): readonly [high: Local, low: Local] {
  const halfPi = 1.5707963267948966;
  const halfPiRest = 6.123233995736766e-17;
  const veltkamp = 2 ** 27 + 1;
  const high = veltkamp * halfPi - (veltkamp * halfPi - halfPi);
  const low = halfPi - high;
  const scaled = l.mul(a, veltkamp);
  const aHigh = l.sub(scaled, l.sub(scaled, a));
  const aLow = l.sub(a, aHigh);
  const product = l.mul(a, halfPi);
  const partial = l.add(l.add(l.sub(l.mul(aHigh, high), product), l.mul(aHigh, low)), l.mul(aLow, high));
  const error = l.add(l.add(partial, l.mul(aLow, low)), l.add(l.mul(a, halfPiRest), l.mul(b, halfPi)));
  const sum = l.add(product, error);
  return [sum, l.sub(error, l.sub(sum, product))];
}

/**
 * (x) → (n mod 4, high, low), each in both lanes: x = n π/2 + high + low with |high| ≤ π/4, for 4096 ≤ x < ∞; anything for other x.
 *
 * x = m 2^e with a whole m < 2⁵³. Bits of 2/π that contribute multiples of four are left out, the following 192 are
 * multiplied by m modulo 2¹⁹²: the upper two bits of the product are n, and what comes after them, known to 2^−137, is the
 * fraction of a quarter turn. No float64 is nearer to a multiple of π/2 than 2^−61, so about 75 bits of it are good.
 * Source: M. Payne, R. Hanek, Radian reduction for trigonometric functions, SIGNUM Newsletter 18 (1983).
 */
export function payneHanek(require: Require): FunctionBuilder {
  const f = new FunctionBuilder("payneHanek", ["f64"], ["v128", "v128", "v128"]);
  const l = new WasmLanes(f, "float64", require);
  const { n, upper, rest } = quarterTurns(l, f.parameters[0]);
  const sum = l.add(upper, rest);
  const lost = l.sub(rest, l.sub(sum, upper));
  const [high, low] = timesHalfPi(l, l.mul(sum, 2 ** -64), l.mul(lost, 2 ** -64));
  return f.get(n).get(high).get(low);
}
