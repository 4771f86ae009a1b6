/** A free piece. */
interface Piece {
  readonly offset: number;
  readonly bytes: number;
}

/** Whether a piece comes before another. */
type Order = (a: Piece, b: Piece) => number;

const byOffset: Order = (a, b) => a.offset - b.offset;
/** The smallest first; of equal ones the one that lies first. */
const bySize: Order = (a, b) => a.bytes - b.bytes || a.offset - b.offset;

/** Free pieces in an order. */
class Sorted {
  readonly pieces: Piece[] = [];

  constructor(private readonly order: Order) {}

  /** Where a piece stands, or would. */
  placeOf(piece: Piece): number {
    let low = 0,
      high = this.pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.order(this.pieces[middle], piece) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(piece: Piece): void {
    this.pieces.splice(this.placeOf(piece), 0, piece);
  }

  remove(piece: Piece): void {
    this.pieces.splice(this.placeOf(piece), 1);
  }
}

/** Offsets in the scratch area: the smallest free piece that fits, else more at the end. */
export class Scratch {
  size = 0;
  private readonly offsets = new Sorted(byOffset);
  private readonly sizes = new Sorted(bySize);

  take(bytes: number): number {
    const best = this.sizes.pieces[this.sizes.placeOf({ offset: 0, bytes })] as Piece | undefined;
    if (!best) {
      this.size += bytes;
      return this.size - bytes;
    }
    this.remove(best);
    if (best.bytes > bytes) this.add({ offset: best.offset + bytes, bytes: best.bytes - bytes });
    return best.offset;
  }

  give(offset: number, bytes: number): void {
    const { pieces } = this.offsets,
      at = this.offsets.placeOf({ offset, bytes }),
      before = pieces[at - 1] as Piece | undefined,
      after = pieces[at] as Piece | undefined;
    let from = offset,
      to = offset + bytes;
    if (before && before.offset + before.bytes === from) {
      from = before.offset;
      this.remove(before);
    }
    if (after?.offset === to) {
      to += after.bytes;
      this.remove(after);
    }
    this.add({ offset: from, bytes: to - from });
  }

  private add(piece: Piece): void {
    this.offsets.add(piece);
    this.sizes.add(piece);
  }

  private remove(piece: Piece): void {
    this.offsets.remove(piece);
    this.sizes.remove(piece);
  }
}
