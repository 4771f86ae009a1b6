const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** Spreads every bit of a word over all of it. */
function finish(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

const lane1 = (k: number): number => Math.imul(rotate(Math.imul(k, 0x239b961b), 15), 0xab0e9789);
const lane2 = (k: number): number => Math.imul(rotate(Math.imul(k, 0xab0e9789), 16), 0x38b34ae5);
const lane3 = (k: number): number => Math.imul(rotate(Math.imul(k, 0x38b34ae5), 17), 0xa1e38b93);
const lane4 = (k: number): number => Math.imul(rotate(Math.imul(k, 0xa1e38b93), 18), 0x239b961b);

/**
 * MurmurHash3_x86_128 of bytes: four words that differ in half of their bits when any bit of the input differs.
 *
 * Source: A. Appleby, MurmurHash3, SMHasher (public domain).
 */
export function murmur3(bytes: Uint8Array, seed = 0): Uint32Array {
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 16) * 16));
  new Uint8Array(padded.buffer).set(bytes);
  let [h1, h2, h3, h4] = [seed, seed, seed, seed];
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    h1 = Math.imul(rotate(h1 ^ lane1(padded.getInt32(at, true)), 19) + h2, 5) + 0x561ccd1b;
    h2 = Math.imul(rotate(h2 ^ lane2(padded.getInt32(at + 4, true)), 17) + h3, 5) + 0x0bcaa747;
    h3 = Math.imul(rotate(h3 ^ lane3(padded.getInt32(at + 8, true)), 15) + h4, 5) + 0x96cd1c35;
    h4 = Math.imul(rotate(h4 ^ lane4(padded.getInt32(at + 12, true)), 13) + h1, 5) + 0x32ac3b17;
  }
  if (at < bytes.length) {
    h1 ^= lane1(padded.getInt32(at, true));
    h2 ^= lane2(padded.getInt32(at + 4, true));
    h3 ^= lane3(padded.getInt32(at + 8, true));
    h4 ^= lane4(padded.getInt32(at + 12, true));
  }
  const words = Int32Array.of(h1, h2, h3, h4).map(h => h ^ bytes.length);
  return new Uint32Array(addAcross(addAcross(words).map(finish)));
}

function addAcross(words: Int32Array): Int32Array {
  const total = words.reduce((sum, word) => sum + word, 0) | 0;
  return Int32Array.of(total, words[1] + total, words[2] + total, words[3] + total);
}
