/** A small WebAssembly encoder: functions over one imported memory, with i32, f32, f64 and v128 locals. */
import { ByteWriter } from "./byte-writer.js";

export type Kind = "i32" | "i64" | "f32" | "f64" | "v128";
const code: Record<Kind, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Unsigned LEB128. */
export const unsigned = (n: number): Uint8Array => new ByteWriter().unsigned(n).bytes();

const utf8 = (s: string) => {
  const b = new TextEncoder().encode(s);
  return [...unsigned(b.length), ...b];
};
const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];

/** A local variable or parameter of a function. */
export interface Local {
  readonly index: number;
  readonly kind: Kind;
}

/** A function under construction; methods append instructions and return the function. */
export class FunctionBuilder {
  private readonly locals: Kind[] = [];
  private readonly released: Record<Kind, Local[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly parameters: readonly Local[];
  private readonly code = new ByteWriter();

  constructor(
    readonly name: string,
    readonly parameterKinds: readonly Kind[],
    readonly resultKinds: readonly Kind[] = [],
    readonly exported = false,
  ) {
    this.parameters = parameterKinds.map((kind, index) => ({ index, kind }));
  }

  /** A fresh local, or one that was released. Its content is undefined. */
  local(kind: Kind): Local {
    const old = this.released[kind].pop();
    if (old) return old;
    this.locals.push(kind);
    return { index: this.parameterKinds.length + this.locals.length - 1, kind };
  }
  release(...locals: Local[]): this {
    for (const l of locals) this.released[l.kind].push(l);
    return this;
  }

  op(...bytes: number[]): this {
    for (const b of bytes) this.code.byte(b);
    return this;
  }
  /** An instruction and what it works on, by position. */
  private at(instruction: number, index: number): this {
    this.code.byte(instruction).unsigned(index);
    return this;
  }
  get(l: Local): this {
    return this.at(0x20, l.index);
  }
  set(l: Local): this {
    return this.at(0x21, l.index);
  }
  tee(l: Local): this {
    return this.at(0x22, l.index);
  }
  globalGet(index: number): this {
    return this.at(0x23, index);
  }
  call(index: number): this {
    return this.at(0x10, index);
  }
  /** Calls the function whose index in the imported table is on the stack, above its arguments; `type` is its position in the module's `types`. */
  callIndirect(type: number): this {
    return this.at(0x11, type).op(0);
  }

  i32(v: number): this {
    this.code.byte(0x41).signed(v);
    return this;
  }
  add(): this {
    return this.op(0x6a);
  }
  mul(): this {
    return this.op(0x6c);
  }
  increment(l: Local, by: number): this {
    return this.get(l).i32(by).add().set(l);
  }

  /** A SIMD instruction by its number in the 0xfd space, with immediate bytes. */
  simd(n: number, ...immediate: number[]): this {
    return this.at(0xfd, n).op(...immediate);
  }
  /** A SIMD memory instruction; `align` is log2, 0 is always allowed. */
  simdMemory(n: number, offset: number, align = 0, ...lane: number[]): this {
    this.code.byte(0xfd).unsigned(n).byte(align).unsigned(offset);
    return this.op(...lane);
  }
  v128(bytes: ArrayLike<number>): this {
    this.at(0xfd, 12).code.append(bytes);
    return this;
  }

  /** `for (l = from; l < to; l += by)` with at least one trip; `from` null: l holds the start already. */
  loop(l: Local, from: number | null, to: number | Local, by: number, body: () => void): this {
    if (from !== null) this.i32(from).set(l);
    this.op(0x03, 0x40);
    body();
    this.get(l).i32(by).add().tee(l);
    if (typeof to === "number") this.i32(to);
    else this.get(to);
    // Bytes of an array beyond 2 GiB are numbers without a sign.
    return this.op(typeof to === "number" && to >= 2 ** 31 ? 0x49 : 0x48, 0x0d, 0, 0x0b);
  }

  /** `do { … l += by } while (l != end)`. */
  loopUntil(l: Local, end: Local, by: number, body: () => void): this {
    this.op(0x03, 0x40);
    body();
    return this.get(l).i32(by).add().tee(l).get(end).op(0x47, 0x0d, 0, 0x0b);
  }

  /** The function's body as the code section wants it. */
  bytes(): Uint8Array {
    const locals = new ByteWriter().unsigned(this.locals.length);
    for (const kind of this.locals) locals.byte(1).byte(code[kind]);
    const body = locals.append(this.code.bytes()).byte(0x0b).bytes();
    return new ByteWriter().unsigned(body.length).append(body).bytes();
  }
}

/** A global that the module imports, an i32. */
export interface ImportedGlobal {
  readonly name: string;
  readonly mutable: boolean;
}

/** Parameters and results of a function. */
export type Signature = Pick<FunctionBuilder, "parameterKinds" | "resultKinds">;

/** What a module imports besides `env.memory`. */
export interface Imports {
  /** i32 globals of `env`; index = position. */
  readonly globals?: readonly ImportedGlobal[];
  /** Functions of `env.functions`, a table, are called by these signatures. */
  readonly types?: readonly Signature[];
  /** Functions of `env`; their indices come before those of the module's own. */
  readonly functions?: readonly (Signature & { readonly name: string })[];
}

/**
 * Encodes a module that imports `env.memory` and what else is said, and exports the functions marked so. Function indices are
 * positions in `functions`, behind those that are imported.
 */
export function encodeModule(
  functions: readonly FunctionBuilder[],
  { globals = [], types = [], functions: imported = [] }: Imports = {},
): Uint8Array<ArrayBuffer> {
  const signature = (f: Signature) => [
    0x60,
    ...unsigned(f.parameterKinds.length),
    ...f.parameterKinds.map(k => code[k]),
    ...unsigned(f.resultKinds.length),
    ...f.resultKinds.map(k => code[k]),
  ];
  const keyed = (f: Signature) => signature(f).join(),
    keys = functions.map(keyed),
    unique = [...new Set([...types.map(keyed), ...imported.map(keyed), ...keys])],
    typeOf = new Map(unique.map((key, i) => [key, i]));
  const out = new ByteWriter().append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const section = (id: number, bytes: ArrayLike<number>) => out.byte(id).unsigned(bytes.length).append(bytes);
  section(1, vector(unique.map(key => key.split(",").map(Number))));
  section(
    2,
    vector([
      [...utf8("env"), ...utf8("memory"), 2, 0, 0],
      ...globals.map(g => [...utf8("env"), ...utf8(g.name), 3, code.i32, g.mutable ? 1 : 0]),
      ...(types.length ? [[...utf8("env"), ...utf8("functions"), 1, 0x70, 0, 0]] : []),
      ...imported.map(f => [...utf8("env"), ...utf8(f.name), 0, ...unsigned(typeOf.get(keyed(f))!)]),
    ]),
  );
  section(3, vector(keys.map(key => [...unsigned(typeOf.get(key)!)])));
  section(7, vector(functions.flatMap((f, i) => (f.exported ? [[...utf8(f.name), 0, ...unsigned(imported.length + i)]] : []))));
  const bodies = new ByteWriter().unsigned(functions.length);
  for (const f of functions) bodies.append(f.bytes());
  section(10, bodies.bytes());
  return out.bytes();
}
