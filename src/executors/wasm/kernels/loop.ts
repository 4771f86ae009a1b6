import { historyRows } from "../../../program/loops.js";
import type { Program, Scan } from "../../../program/program.js";
import type { Tensor } from "../../../compiler/graph/tensor.js";
import type { LoopKernel } from "../../../compiler/schedule/kernel.js";
import { sizeOf } from "../../../tensor/types.js";
import type { Type } from "../../../tensor/types.js";
import { unsigned } from "../assembler.js";
import type { FunctionBuilder, Local } from "../assembler.js";
import type { Address, Code } from "../emit/code.js";
import { memory, storedBytes } from "../emit/instructions.js";

/** Instructions on i32, and those that open and close a block. */
const LOAD = 0x28,
  STORE = 0x36,
  SUBTRACT = 0x6b,
  DIVIDE = 0x6e,
  REMAINDER = 0x70,
  IS_ZERO = 0x45,
  IF = 0x04,
  ELSE = 0x05,
  END = 0x0b,
  NOTHING = 0x40;

const bytesIn = ({ shape, dtype }: Type): number => sizeOf(shape) * storedBytes[dtype];

/** Runs the programs within the program: in a loop over steps, or the one that is chosen. */
export function emitLoop(code: Code, kernel: LoopKernel): void {
  const { scan } = kernel.root.loop;
  if (scan) emitScan(code, kernel, scan);
  else emitChoice(code, kernel);
}

/** The workspace of a loop, and its table of pointers. */
class Workspace {
  readonly f: FunctionBuilder;
  readonly start: Address;

  constructor(
    code: Code,
    kernel: LoopKernel,
    private readonly table: number,
  ) {
    this.f = code.f;
    this.start = code.workspaceOf(kernel.root);
  }

  /** Pushes the address of a place. */
  push(offset: number): void {
    this.f
      .get(this.start.base)
      .i32(this.start.offset + offset)
      .add();
  }

  /** Stores a pointer that is pushed in the table. */
  setEntry(i: number, pushPointer: () => void): void {
    this.f.get(this.start.base);
    pushPointer();
    this.f.op(STORE, 2, ...unsigned(this.start.offset + this.table + 4 * i));
  }

  pushEntry(i: number): void {
    this.f.get(this.start.base).op(LOAD, 2, ...unsigned(this.start.offset + this.table + 4 * i));
  }
}

const pushAddress = (f: FunctionBuilder, { base, offset }: Address): FunctionBuilder => f.get(base).i32(offset).add();

/** Pushes the address of a row. */
const pushRow = (f: FunctionBuilder, array: Address, row: Local, bytes: number): FunctionBuilder =>
  pushAddress(f, array).get(row).i32(bytes).mul().add();

/** Copies bytes, a multiple of four, and no others. */
function copyExactly(f: FunctionBuilder, bytes: number, pushFrom: () => void, pushTo: () => void): void {
  if (bytes === 0) return;
  const [from, to, i] = [f.local("i32"), f.local("i32"), f.local("i32")],
    vectors = bytes - (bytes % 16);
  pushFrom();
  f.set(from);
  pushTo();
  f.set(to);
  if (vectors > 0)
    f.loop(i, 0, vectors, 16, () => {
      f.get(to).get(i).add().get(from).get(i).add().simdMemory(memory.load, 0).simdMemory(memory.store, 0);
    });
  for (let at = vectors; at < bytes; at += 4)
    f.get(to)
      .get(from)
      .op(LOAD, 2, ...unsigned(at))
      .op(STORE, 2, ...unsigned(at));
  f.release(from, to, i);
}

const outputsOf = ({ nodes, outputs }: Program): Type[] => outputs.map(o => nodes[o]);

function emitScan(code: Code, kernel: LoopKernel, scan: Scan): void {
  const { f } = code,
    { layout, bodies } = code.loopOf(kernel),
    { body, constants, carry, length, reverse, every } = scan,
    { root, roots } = kernel,
    inputs = body.inputs.length,
    outputs = outputsOf(body),
    space = new Workspace(code, kernel, layout.table),
    resultAt = (result: number): Tensor | undefined => roots.find(r => r.result === result);
  const operand = (i: number): Address => code.addressOf(root.operands[i].tensor);
  for (let i = 0; i < constants + carry; i++) space.setEntry(i, () => pushAddress(f, operand(i)));
  layout.carry.forEach(([first], k) => space.setEntry(inputs + k, () => space.push(first)));
  layout.xs.forEach((place, k) => place !== null && space.setEntry(constants + carry + k, () => space.push(place)));
  layout.ys.forEach((place, k) => place !== null && space.setEntry(inputs + carry + k, () => space.push(place)));

  const [step, row] = [f.local("i32"), f.local("i32")];
  f.loop(step, 0, length, 1, () => {
    if (reverse)
      f.i32(length - 1)
        .get(step)
        .op(SUBTRACT);
    else f.get(step);
    f.set(row);
    keepCarries();
    layout.xs.forEach((place, k) => {
      const i = constants + carry + k,
        bytes = bytesIn(body.inputs[i]),
        pushX = () => pushRow(f, operand(i), row, bytes);
      if (place === null) space.setEntry(i, pushX);
      else copyExactly(f, bytes, pushX, () => space.push(place));
    });
    layout.ys.forEach((place, k) => {
      if (place === null) space.setEntry(inputs + carry + k, () => pushRowOfY(k));
    });
    space.push(layout.table);
    f.call(bodies[0]);
    layout.ys.forEach((place, k) => {
      if (place !== null && resultAt(carry + k))
        copyExactly(
          f,
          bytesIn(outputs[carry + k]),
          () => space.push(place),
          () => pushRowOfY(k),
        );
    });
    // What was written is read next, and what the other place held is written over.
    layout.carry.forEach(([a, b], k) => {
      space.setEntry(k + constants, () => space.pushEntry(inputs + k));
      space.setEntry(inputs + k, () => {
        space.push(a);
        space.push(b);
        f.add();
        space.pushEntry(inputs + k);
        f.op(SUBTRACT);
      });
    });
  });
  for (let k = 0; k < carry; k++) {
    const last = resultAt(k);
    if (last)
      copyExactly(
        f,
        bytesIn(outputs[k]),
        () => space.pushEntry(constants + k),
        () => pushAddress(f, code.addressOf(last)),
      );
  }
  f.release(step, row);

  function pushRowOfY(k: number): void {
    pushRow(f, code.addressOf(resultAt(carry + k)!), row, bytesIn(outputs[carry + k]));
  }

  /** Copies the carry before the step into the histories that are wanted. */
  function keepCarries(): void {
    const kept = outputs.slice(0, carry).flatMap((c, k) => {
      const history = resultAt(outputs.length + k);
      return history ? [{ bytes: bytesIn(c), from: constants + k, to: code.addressOf(history) }] : [];
    });
    if (kept.length === 0) return;
    const at = f.local("i32");
    if (every > 1) f.get(step).i32(every).op(REMAINDER, IS_ZERO, IF, NOTHING);
    if (reverse) f.i32(historyRows(scan) - 1);
    f.get(step).i32(every).op(DIVIDE);
    if (reverse) f.op(SUBTRACT);
    f.set(at);
    for (const { bytes, from, to } of kept)
      copyExactly(
        f,
        bytes,
        () => space.pushEntry(from),
        () => pushRow(f, to, at, bytes),
      );
    if (every > 1) f.op(END);
    f.release(at);
  }
}

function emitChoice(code: Code, kernel: LoopKernel): void {
  const { f } = code,
    { layout, bodies } = code.loopOf(kernel),
    { root, roots } = kernel,
    [pred, ...operands] = root.operands,
    space = new Workspace(code, kernel, layout.table);
  operands.forEach((v, i) => space.setEntry(i, () => pushAddress(f, code.addressOf(v.tensor))));
  layout.ys.forEach((place, k) => {
    const result = roots.find(r => r.result === k);
    space.setEntry(operands.length + k, () => {
      if (place !== null) space.push(place);
      else if (result) pushAddress(f, code.addressOf(result));
    });
  });
  pushAddress(f, code.addressOf(pred.tensor)).op(LOAD, 2, 0, IF, NOTHING);
  space.push(layout.table);
  f.call(bodies[0]).op(ELSE);
  space.push(layout.table);
  f.call(bodies[1]).op(END);
}
