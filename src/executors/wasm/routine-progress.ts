import { fail } from "../../tensor/error.js";
import type { Heap } from "./heap.js";
import type { Replay } from "./replay.js";
import type { Node, Rounds, Series, Stretch } from "./routine-nodes.js";
import { isRounds, isSeries, STRETCH } from "./routine-nodes.js";

/** What a part without calls plays. */
const nothing: Stretch = { pointer: 0, end: 0, effort: 0 };

/** Nodes that are being gone through: a part, the body of a loop in a round of it, or a step of a series. */
interface Frame {
  nodes: readonly Node[];
  at: number;
  /** From where its order goes on. */
  next: number;
  readonly series?: Series;
  readonly loop?: Rounds;
  readonly times: number;
  round: number;
}

/** Whether all of them were played. */
const hasEnded = ({ nodes, at, series, next }: Frame): boolean => at === nodes.length && !(series && next < series.order.length);

/** The only stretch of a part that is nothing else. */
const single = (part: readonly Node[]): Stretch | undefined =>
  part.length === 0 ? nothing : part.length === 1 && !isRounds(part[0]) && !isSeries(part[0]) ? part[0] : undefined;

/** How far the run of a routine has come. Loops leave words as they found them, so that what was not finished is to be undone. */
export class Progress {
  /** Which of the parts is next, or under way. */
  #at = 0;
  #numbers: readonly number[] = [];
  #timed = false;
  readonly #frames: Frame[] = [];
  /** Rounds that were made of the loop that WebAssembly goes round by itself, if one is next. */
  #rounds = 0;

  constructor(
    private readonly parts: readonly (readonly Node[])[],
    private replay: Replay,
    private readonly heap: Heap,
  ) {}

  /**
   * Begins a run.
   * @param numbers the parts to be played
   * @param timed whether each is played by itself, as its time is wanted
   */
  begin(numbers: readonly number[], timed: boolean): void {
    this.#at = 0;
    this.#numbers = numbers;
    this.#timed = timed;
  }

  get done(): boolean {
    return this.#at >= this.#numbers.length;
  }

  /** The number of the part that is next. */
  get part(): number {
    return this.#numbers[this.#at];
  }

  /** Whether it was not begun. */
  get begins(): boolean {
    return this.#frames.length === 0;
  }

  /** Plays the next stretch; where nobody asks for the time of parts, with those that lie right behind it, as far as they are short. @returns its effort */
  play(): number {
    if (this.#frames.length === 0) {
      const nodes = this.parts[this.#numbers[this.#at]],
        stretch = single(nodes);
      if (stretch) return this.#playTogether(stretch);
      this.#frames.push({ nodes, at: 0, next: 0, times: 1, round: 0 });
    }
    let effort = 0;
    for (;;) {
      const frames = this.#frames,
        frame = frames[frames.length - 1];
      if (frame.at < frame.nodes.length) effort += this.#playNode(frame, frame.nodes[frame.at]);
      else if (frame.series) effort += this.#playSeries(frame.series, frame);
      // What ends here is ended here: whoever pauses next asks whether anything is left.
      for (let top = frames.at(-1); top && hasEnded(top); top = frames.at(-1)) this.#endOfRound(top);
      if (frames.length === 0 || effort >= STRETCH || (effort > 0 && !frames[frames.length - 1].series)) return effort;
    }
  }

  #playTogether({ pointer, end, effort }: Stretch): number {
    const numbers = this.#numbers;
    while (++this.#at < numbers.length && !this.#timed && numbers[this.#at] === numbers[this.#at - 1] + 1) {
      const next = single(this.parts[numbers[this.#at]]);
      if (!next || effort + next.effort > STRETCH || (end && next.end && next.pointer !== end)) break;
      if (!end) pointer = next.pointer;
      if (next.end) end = next.end;
      effort += next.effort;
    }
    if (end > pointer) this.replay.replay(pointer, end - pointer);
    return effort;
  }

  #playNode(frame: Frame, node: Node): number {
    if (isSeries(node)) {
      this.#frames.push({ nodes: [], at: 0, next: 0, series: node, times: 1, round: 0 });
      return 0;
    }
    if (!isRounds(node)) {
      frame.at++;
      return this.#playStretch(node);
    }
    const times = this.heap.words()[node.times];
    if (!node.together) {
      this.#frames.push({ nodes: node.body, at: 0, next: 0, loop: node, times, round: 0 });
      return 0;
    }
    const rounds = Math.min(node.together, times - this.#rounds),
      effort = this.#playRounds(node, rounds);
    this.#rounds += rounds;
    if (this.#rounds === times) {
      this.#back(node, times);
      this.#rounds = 0;
      frame.at++;
    }
    return effort;
  }

  #endOfRound(frame: Frame): void {
    const { loop } = frame;
    if (loop && ++frame.round < frame.times) {
      this.replay.move(loop.moves, loop.moveBytes, 1);
      frame.at = 0;
      return;
    }
    this.#frames.pop();
    const outer = this.#frames.at(-1);
    if (loop) this.#back(loop, frame.times - 1);
    if (outer) outer.at++;
    else this.#at++;
  }

  /** Plays steps of a series as long as each is short, and no longer than a stretch together; one that is not is left to be played next. */
  #playSeries({ kinds, order }: Series, frame: Frame): number {
    const memory = this.heap.words();
    let at = frame.next,
      effort = 0;
    while (at < order.length && effort < STRETCH) {
      const { nodes, words } = kinds[order[at++]];
      for (let i = 0; i < words.length; i++) memory[words[i]] = order[at++];
      const [node] = nodes;
      if (nodes.length > 1 || isSeries(node) || (isRounds(node) && memory[node.times] > node.together)) {
        frame.nodes = nodes;
        frame.at = 0;
        break;
      }
      effort += isRounds(node) ? this.#playRounds(node, memory[node.times]) : this.#playStretch(node);
      if (isRounds(node)) this.#back(node, memory[node.times]);
    }
    frame.next = at;
    return effort;
  }

  #playStretch({ pointer, end, effort }: Stretch): number {
    this.replay.replay(pointer, end - pointer);
    return effort;
  }

  /** Plays rounds that WebAssembly makes by itself. */
  #playRounds({ body, moves, moveBytes }: Rounds, rounds: number): number {
    const { pointer, end, effort } = body[0] as Stretch;
    this.replay.rounds(pointer, end - pointer, moves, moveBytes, rounds);
    return rounds * effort;
  }

  #back({ moves, moveBytes }: Rounds, rounds: number): void {
    if (rounds > 0) this.replay.move(moves, moveBytes, -rounds);
  }

  /** Puts words back that a loop has moved which is not at its end. */
  undo(): void {
    if (this.#frames.length === 0) return;
    const top = this.#frames.at(-1),
      node = top?.nodes[top.at];
    if (node && isRounds(node)) this.#back(node, this.#rounds);
    for (const { loop, round } of this.#frames.reverse()) if (loop) this.#back(loop, round);
    this.#frames.length = 0;
    this.#rounds = 0;
  }

  /** Lets go of the memory: nothing can be played any more. */
  close(): void {
    this.replay = { replay: gone, rounds: gone, move: gone };
  }
}

const gone = (): never => fail("a routine", "runs until it is disposed", "a run afterwards");
