/** Offsets in the scratch area: the smallest free piece that fits, else more at the end. */
export class Scratch {
  size = 0;
  private free: { offset: number; bytes: number }[] = [];

  take(bytes: number): number {
    const fitting = this.free.filter(p => p.bytes >= bytes),
      best = fitting.sort((a, b) => a.bytes - b.bytes)[0];
    if (!best) {
      this.size += bytes;
      return this.size - bytes;
    }
    this.free = this.free.flatMap(p =>
      p !== best ? [p] : p.bytes === bytes ? [] : [{ offset: p.offset + bytes, bytes: p.bytes - bytes }],
    );
    return best.offset;
  }

  give(offset: number, bytes: number): void {
    const pieces = [...this.free, { offset, bytes }].sort((a, b) => a.offset - b.offset);
    this.free = [];
    for (const p of pieces) {
      const before = this.free[this.free.length - 1];
      if (before && before.offset + before.bytes === p.offset) before.bytes += p.bytes;
      else this.free.push(p);
    }
  }
}
