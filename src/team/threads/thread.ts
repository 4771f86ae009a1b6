// What a thread does: it knows no problem and no compiler, only how compiled programs are run. How its code comes to it: source.ts.
import { Board, claims, Layout, states, words } from "./board.js";
import type { Answer, Order } from "./messages.js";
import { portHere } from "./port.js";
import { looks } from "./looks.js";
import { Workshop } from "./workshop.js";

type Reply = (message: Answer, transfer?: ArrayBuffer[]) => void;

/** Milliseconds that a thread looks for the next job before it sleeps: what passes between two outer steps of small models. */
const LOOKING = 0.3;

/** Makes this thread one that does the jobs it is told of, or finds on a board, by whoever started it. */
export function runThread(): void {
  const port = portHere(),
    reply: Reply = (message, transfer = []) => port.post(message, transfer);
  let board: Board | undefined, workshop: Workshop | undefined;
  port.listen(order => {
    if (order.kind === "job") return doJob(board!, workshop!, order, reply);
    const { setup, memory, takes, number } = order;
    board = new Board(setup.board, memory ?? new ArrayBuffer(new Layout(setup.board).bytes));
    workshop = new Workshop(setup, board);
    reply({ kind: "ready" });
    if (takes) takeJobs(board, workshop, number);
  });
}

/** Evaluates what is free on the board, again and again, until there is a message. */
function takeJobs(board: Board, workshop: Workshop, number: number): void {
  const { words: shared, slots } = board;
  for (;;) {
    const epoch = Atomics.load(shared, words.epoch);
    if (Atomics.load(shared, words.mail) !== 0) return;
    for (let slot = 0; slot < slots; slot++) {
      const at = board.claimAt(slot);
      if (Atomics.load(shared, at) !== claims.free || Atomics.compareExchange(shared, at, claims.free, number) !== claims.free) continue;
      let state: number = states.done;
      try {
        workshop.run(slot);
      } catch (error) {
        board.sentence = sentenceOf(error);
        state = states.failed;
      }
      Atomics.store(shared, board.stateAt(slot), state);
      Atomics.add(shared, words.done, 1);
      if (Atomics.load(shared, words.asleep) !== 0) Atomics.notify(shared, words.done);
    }
    if (looks(LOOKING, () => Atomics.load(shared, words.epoch) !== epoch)) continue;
    // Calling a thread takes longer than looking whether it sleeps. Whoever changes the epoch later than this sees that this one does.
    Atomics.add(shared, words.sleepers, 1);
    Atomics.wait(shared, words.epoch, epoch);
    Atomics.sub(shared, words.sleepers, 1);
  }
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Evaluates one job that came as a message. */
function doJob(board: Board, workshop: Workshop, order: Extract<Order, { kind: "job" }>, reply: Reply): void {
  const { slot, version, step, plan, place, theta, given } = order,
    { words: known, layout } = board,
    copied = given !== undefined;
  if (copied) {
    known[words.version] = version;
    known[words.step] = step;
    known[board.planAt(slot)] = plan;
    known[board.placeAt(slot)] = place;
    if (theta) board.bytes.set(new Uint8Array(theta), layout.theta.offset);
    board.bytes.set(new Uint8Array(given), layout.given[slot].whole.offset);
  }
  try {
    workshop.run(slot);
  } catch (error) {
    reply({ kind: "failed", slot, sentence: sentenceOf(error) });
    return;
  }
  const seconds = board.seconds[slot];
  if (!copied) return reply({ kind: "done", slot, seconds });
  const { offset, bytes } = layout.found[slot].whole,
    found = new Uint8Array(board.bytes.subarray(offset, offset + bytes)).buffer;
  reply({ kind: "done", slot, seconds, found }, [found]);
}
