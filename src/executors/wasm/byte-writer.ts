/** Bytes in a row, as many as come. */
export class ByteWriter {
  private data = new Uint8Array(256);
  private length = 0;

  byte(b: number): this {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = b;
    return this;
  }

  append(bytes: ArrayLike<number>): this {
    if (this.length + bytes.length > this.data.length) this.grow(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** Unsigned LEB128. */
  unsigned(n: number): this {
    for (n >>>= 0; n > 127; n >>>= 7) this.byte((n & 127) | 128);
    return this.byte(n);
  }

  /** Signed LEB128 of a 32-bit integer. */
  signed(n: number): this {
    for (n |= 0; n > 63 || n < -64; n >>= 7) this.byte((n & 127) | 128);
    return this.byte(n & 127);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.data.slice(0, this.length);
  }

  private grow(more: number): void {
    const grown = new Uint8Array(Math.max(2 * this.data.length, this.length + more));
    grown.set(this.data);
    this.data = grown;
  }
}
