import type { Koffi, KoffiLibrary } from "./koffi.js";
import { builtin, nodeProcess } from "./host.js";

/** What OpenBLAS takes a processor for that it does not know: kernels with the vectors of 2004. */
const fallbacks = ["Prescott", "Katmai", "Coppermine", "Northwood", "Generic", "generic", "Unknown"];

/** Kernels of OpenBLAS by what a processor must have, the widest vectors first. */
const kernels = [
  { coreType: "SkylakeX", needs: ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd", "fma"] },
  { coreType: "Haswell", needs: ["avx2", "fma", "bmi2"] },
] as const;

/** What the processor can do, as Linux tells it; nothing elsewhere. */
function processorFlags(): readonly string[] {
  try {
    return /^flags\s*:(.*)$/m.exec(builtin("fs").readFileSync("/proc/cpuinfo", "utf8"))?.[1].trim().split(/\s+/) ?? [];
  } catch {
    // Elsewhere than on Linux: nothing is known, and nothing is chosen.
    return [];
  }
}

/** An OpenBLAS that was loaded, and the processor that its kernels are made for. */
export interface ChosenCore {
  readonly library: KoffiLibrary;
  readonly coreType: string;
}

const coreTypeOf = (library: KoffiLibrary) => library.func("const char *openblas_get_corename()")() as string;

/**
 * An OpenBLAS that is older than the processor takes it for one of 2004, and runs at a fifth of its rate. It is then loaded once more and told
 * what the processor has, unless the variable OPENBLAS_CORETYPE says already what is wanted.
 */
export function chooseCoreType(koffi: Koffi, path: string, library: KoffiLibrary): ChosenCore {
  const coreType = coreTypeOf(library),
    process = nodeProcess()!;
  if (process.platform !== "linux" || process.env.OPENBLAS_CORETYPE !== undefined || !fallbacks.includes(coreType))
    return { library, coreType };
  const flags = processorFlags(),
    better = kernels.find(({ needs }) => needs.every(flag => flags.includes(flag)));
  if (!better) return { library, coreType };
  // The C library's own environment: that of a worker thread is a copy.
  koffi.load(null).func("int setenv(const char *name, const char *value, int overwrite)")("OPENBLAS_CORETYPE", better.coreType, 1);
  library.unload();
  const again = koffi.load(path);
  return { library: again, coreType: coreTypeOf(again) };
}
