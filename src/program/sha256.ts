// FIPS 180-4. Written here because the platforms' own are asynchronous (browsers) or a node: module.

/** The first 32 bits of the fractional part of a number. */
const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;

function firstPrimes(n: number): number[] {
  const primes: number[] = [];
  for (let k = 2; primes.length < n; k++) if (primes.every(p => k % p !== 0)) primes.push(k);
  return primes;
}

const primes = firstPrimes(64);
const initial = Int32Array.from(primes.slice(0, 8), p => fraction(Math.sqrt(p)));
const rounds = Int32Array.from(primes, p => fraction(Math.cbrt(p)));

const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** Folds one block of 64 bytes into the state; `w` is scratch of 64 words. */
function compress(state: Int32Array, block: DataView, offset: number, w: Int32Array): void {
  for (let i = 0; i < 16; i++) w[i] = block.getInt32(offset + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15],
      y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) + (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i]) | 0;
    const t = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + s) | 0;
    d = c;
    c = b;
    b = a;
    a = (s + t) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** SHA-256 of bytes, as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  const state = initial.slice(),
    w = new Int32Array(64),
    whole = bytes.length - (bytes.length % 64);
  const body = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < whole; i += 64) compress(state, body, i, w);

  const rest = bytes.length - whole,
    tail = new Uint8Array(rest < 56 ? 64 : 128),
    view = new DataView(tail.buffer);
  tail.set(bytes.subarray(whole));
  tail[rest] = 0x80;
  view.setBigUint64(tail.length - 8, BigInt(bytes.length) * 8n);
  for (let i = 0; i < tail.length; i += 64) compress(state, view, i, w);
  return Array.from(state, x => (x >>> 0).toString(16).padStart(8, "0")).join("");
}
