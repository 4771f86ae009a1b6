import { UfomError } from "./error.js";
import { nearest } from "./nearest.js";

/**
 * Names that users of NumPy, JAX and PyTorch type, and what they find here: `foreign:own`, where `own` is a name of the same place, or with its place if
 * that is another. What differs in spelling only (`one_hot`) is not listed.
 */
const table = `amax:max amin:min absolute:abs fabs:abs arccos:acos arcsin:asin arctan:atan arctan2:atan2 average:mean cat:concatenate concat:concatenate
hstack:concatenate vstack:concatenate dstack:concatenate columnStack:concatenate rowStack:concatenate append:concatenate identity:eye var:variance
trueDivide:divide fmod:mod remainder:mod floorDivide:floor rint:round around:round fix:trunc pow:power neg:negative mul:multiply sub:subtract
div:divide gt:greater ge:greaterEqual lt:less le:lessEqual eq:equal ne:notEqual isnan:isNaN isfinite:isFinite isinf:isFinite logicalXor:notEqual
invert:logicalNot bitwiseAnd:logicalAnd bitwiseOr:logicalOr permute:transpose permuteDims:transpose matrixTranspose:swapaxes rollaxis:moveaxis
movedim:moveaxis unsqueeze:expandDims view:reshape ravel:reshape flatten:reshape resize:reshape expand:broadcastTo gather:takeAlongAxis
indexSelect:take indexAdd:scatterAdd scatter:scatterAdd put:scatterAdd clamp:clip mm:matmul bmm:matmul inner:dot vdot:dot vecdot:dot tensordot:einsum
kron:outer nanmean:isNaN nansum:isNaN nanmax:isNaN nanmin:isNaN nanstd:isNaN percentile:quantile asarray:array tensor:array asTensor:array
fromList:array empty:zeros emptyLike:zerosLike fullLike:full tensorSplit:split arraySplit:split chunk:split unbind:split fliplr:flip flipud:flip
rot90:flip exp2:power cbrt:power reciprocal:divide rsqrt:sqrt logaddexp:nn.logsumexp convolve:lax.conv correlate:lax.conv randn:random.normal
rand:random.uniform random:random.uniform topk:sort select:where repeatInterleave:repeat arrayEqual:equal countNonzero:sum float:float32
double:float64 int:int32 int64:int32 float16:float32 bfloat16:float32 boolean:bool nn.swish:silu nn.hardtanh:np.clip nn.crossEntropyLoss:crossEntropy
nn.nllLoss:crossEntropy nn.softmaxCrossEntropy:crossEntropy nn.softmaxCrossEntropyWithIntegerLabels:crossEntropy nn.avgPool2d:avgPool
nn.maxPool2d:maxPool np.conv:lax.conv nn.conv2d:lax.conv nn.conv1d:lax.conv nn.scaledDotProductAttention:attention nn.dotProductAttention:attention
nn.batchNorm1d:batchNorm nn.batchNorm2d:batchNorm nn.relu6:relu nn.mseLoss:mse nn.l1Loss:mae nn.smoothL1Loss:huber
nn.bceWithLogitsLoss:binaryCrossEntropy nn.binaryCrossEntropyWithLogits:binaryCrossEntropy nn.hingeLoss:hinge nn.dense:linear lax.convGeneralDilated:conv lax.convWithGeneralPadding:conv lax.conv2d:conv
lax.dotGeneral:np.matmul lax.stopGradient:stopGradient lax.foriLoop:fori lax.whileLoop:fori lax.map:scan
lax.associativeScan:scan lax.switch:cond lax.select:np.where lax.dynamicSlice:np.take linalg.lstsq:solve linalg.pinv:inv
linalg.matrixInverse:inv linalg.vectorNorm:norm linalg.matrixNorm:norm linalg.logdet:slogdet linalg.triangularSolve:solveTriangular random.PRNGKey:key
random.seed:key random.manualSeed:key random.defaultRng:key random.randn:normal random.rand:uniform random.random:uniform random.randomBits:bits
random.shuffle:permutation random.multinomial:categorical random.integers:randint random.randperm:permutation random.sample:choice
random.standardNormal:normal tree.treeMap:map tree.flatten:leaves tree.treeFlatten:leaves tree.norm:sumSquares tree.vdot:dot x.plus:add x.minus:sub
x.subtract:sub x.times:mul x.multiply:mul x.divide:div x.negative:neg x.power:pow x.ravel:flatten x.t:T x.mT:np.swapaxes x.length:size x.numel:size
x.len:size x.rank:ndim x.to:astype x.float:astype x.double:astype x.int:astype x.cast:astype x.at:np.scatterAdd x.get:slice x.index:slice
x.detach:stopGradient x.stopGradient:stopGradient x.backward:grad x.grad:grad`;

/** Names of functions that are no part of a place. */
const alone = new Set(["stopGradient", "grad", "vmap", "jvp", "vjp", "valueAndGrad"]);

let entries: ReadonlyMap<string, string> | undefined;
const listed = (): ReadonlyMap<string, string> =>
  (entries ??= new Map(table.split(/\s+/).map((entry): [string, string] => entry.split(":") as [string, string])));

/** What there is, by place: `np`, `nn`, …; each tells its names when it is asked. */
const places = new Map<string, () => readonly string[]>();

const camel = (name: string): string =>
  name.replace(/(?<=[a-z\d])_+([a-z\d])/gi, (_, letter: string) => letter.toUpperCase()).replace(/_$/, "");
/** How the same name may be written: as it is, or as this package would. */
const spellings = (name: string): string[] => [...new Set([name, camel(name), camel(name).toLowerCase()])];

const lookUp = (prefix: string, name: string): string | undefined => spellings(name).flatMap(s => listed().get(prefix + s) ?? [])[0];

/** The name here for a name that a place does not have, as `add` or with another place as `np.add`; undefined where nothing is near. */
function answerTo(place: string, name: string): string | undefined {
  const own = places.get(place)?.() ?? [];
  const found = (of: readonly string[]) => spellings(name).flatMap(s => of.filter(n => n === s || n.toLowerCase() === s.toLowerCase()))[0];
  const same = found(own);
  if (same !== undefined) return same;
  const specific = lookUp(place + ".", name);
  if (specific !== undefined) return specific;
  const general = lookUp("", name);
  if (general !== undefined && own.includes(general)) return general;
  for (const [other, names] of places) {
    const there = other === place || other === "x" ? undefined : found(names());
    if (there !== undefined) return `${other}.${there}`;
  }
  if (general !== undefined) return general.includes(".") ? general : `np.${general}`;
  return name.length > 2 ? nearest(name, own) : undefined;
}

/** The sentence for a name that a place does not have; undefined where nothing is near. */
export function sentenceFor(place: string, name: string): string | undefined {
  const there = answerTo(place, name);
  if (there === undefined) return undefined;
  const [who, prefix] = place === "x" ? ["a traced value", "x"] : [place, place];
  const full = there.includes(".") || alone.has(there) ? there : `${prefix}.${there}`;
  return `ufom: ${who} has no ${name}; ${place === "x" && there.includes(".") ? `${full}(x, …)` : full} is there.`;
}

/** Refuses with the sentence, if there is one. */
function answer(place: string, name: string | symbol): undefined {
  const sentence = typeof name === "string" ? sentenceFor(place, name) : undefined;
  if (sentence !== undefined) throw new UfomError(sentence);
  return undefined;
}

/** The place of the functions of a module; a name that it does not have, but under another name, is refused with that name. */
export function answering<M extends object>(place: string, module: M): M {
  places.set(place, () => Object.keys(module));
  return new Proxy(module, {
    get: (target, name) => (name in target ? (target as Record<string | symbol, unknown>)[name] : answer(place, name)),
  });
}

/** The same for what all values lack: the end of their chain of prototypes. */
export function answeringValues(names: () => readonly string[]): object {
  places.set("x", names);
  return new Proxy(Object.prototype, {
    get: (target, name, value) => (name in target ? (Reflect.get(target, name, value) as unknown) : answer("x", name)),
  });
}
