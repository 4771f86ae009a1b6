// The code of a thread, bundled into one text (scripts/build.mjs): it knows no problem and no compiler, only how compiled programs are run.
import { Board, claims, Layout, states, words } from "./board.js";
import type { Answer, Order } from "./messages.js";
import { portHere } from "./port.js";
import { Workshop } from "./workshop.js";

const port = portHere(),
  answer = (message: Answer, transfer: ArrayBuffer[] = []) => port.post(message, transfer);

let board: Board | undefined, workshop: Workshop | undefined;

/** How often a thread looks for the next job before it sleeps: about a fifth of a millisecond, what passes between two outer steps of small models. */
const LOOKS = 4000;

/** Evaluates what is free on the board, again and again, until there is a message. */
function takeJobs(own: Board, number: number): void {
  const { words: shared, slots } = own;
  for (;;) {
    const epoch = Atomics.load(shared, words.epoch);
    if (Atomics.load(shared, words.mail) !== 0) return;
    for (let slot = 0; slot < slots; slot++) {
      const at = own.claimAt(slot);
      if (Atomics.load(shared, at) !== claims.free || Atomics.compareExchange(shared, at, claims.free, number) !== claims.free) continue;
      let state: number = states.done;
      try {
        workshop!.run(slot);
      } catch (error) {
        own.sentence = sentenceOf(error);
        state = states.failed;
      }
      Atomics.store(shared, own.stateAt(slot), state);
      Atomics.add(shared, words.done, 1);
      if (Atomics.load(shared, words.asleep) !== 0) Atomics.notify(shared, words.done);
    }
    for (let look = 0; look < LOOKS && Atomics.load(shared, words.epoch) === epoch; look++);
    if (Atomics.load(shared, words.epoch) !== epoch) continue;
    // Calling a thread takes longer than looking whether it sleeps. Whoever changes the epoch later than this sees that this one does.
    Atomics.add(shared, words.sleepers, 1);
    Atomics.wait(shared, words.epoch, epoch);
    Atomics.sub(shared, words.sleepers, 1);
  }
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Evaluates one job that came as a message. */
function doJob(own: Board, { slot, version, step, plan, place, theta, given }: Extract<Order, { kind: "job" }>): void {
  const { words: known, layout } = own,
    copied = given !== undefined;
  if (copied) {
    known[words.version] = version;
    known[words.step] = step;
    known[own.planAt(slot)] = plan;
    known[own.placeAt(slot)] = place;
    if (theta) own.bytes.set(new Uint8Array(theta), layout.theta.offset);
    own.bytes.set(new Uint8Array(given), layout.given(slot).offset);
  }
  try {
    workshop!.run(slot);
  } catch (error) {
    answer({ kind: "failed", slot, sentence: sentenceOf(error) });
    return;
  }
  const seconds = own.seconds[slot];
  if (!copied) return answer({ kind: "done", slot, seconds });
  const { offset, bytes } = layout.found(slot),
    found = new Uint8Array(own.bytes.subarray(offset, offset + bytes)).buffer;
  answer({ kind: "done", slot, seconds, found }, [found]);
}

port.listen(order => {
  if (order.kind === "job") return doJob(board!, order);
  const { setup, memory, takes, number } = order;
  board = new Board(setup.board, memory ?? new ArrayBuffer(new Layout(setup.board).bytes));
  workshop = new Workshop(setup, board);
  answer({ kind: "ready" });
  if (takes) takeJobs(board, number);
});
