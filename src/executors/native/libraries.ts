/** A library that has `cblas_sgemm` and `cblas_dgemm`. */
export interface Library {
  readonly name: string;
  /** Names by which the system may find it, tried in order. */
  readonly files: readonly string[];
  /** A function without a result that takes a number of threads, as the library declares it. */
  readonly setThreads?: string;
  /** A function without parameters that answers with the library's name and version. */
  readonly version?: string;
}

const openblas = {
  name: "OpenBLAS",
  setThreads: "openblas_set_num_threads",
  version: "openblas_get_config",
} as const;

/** The libraries of each system, in the order in which they are looked for. */
const libraries: Readonly<Record<string, readonly Library[]>> = {
  darwin: [
    { name: "Accelerate", files: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"] },
    { ...openblas, files: ["libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"] },
  ],
  linux: [
    { name: "MKL", files: ["libmkl_rt.so.2", "libmkl_rt.so"], setThreads: "MKL_Set_Num_Threads" },
    { ...openblas, files: ["libopenblas.so.0", "libopenblas.so"] },
    { name: "BLIS", files: ["libblis.so.4", "libblis.so"], setThreads: "bli_thread_set_num_threads", version: "bli_info_get_version_str" },
  ],
  win32: [{ ...openblas, files: ["libopenblas.dll", "openblas.dll"] }],
};

/** What is looked for on a system, in order. */
export const librariesFor = (platform: string): readonly Library[] => libraries[platform] ?? libraries.linux;

/** Every library, for one whose file was named: its functions tell which it is. */
export const allLibraries: readonly Library[] = Object.values(libraries).flat();

/** The command that adds a library to a system. */
export const installCommand = (platform: string): string =>
  platform === "win32"
    ? "put libopenblas.dll (github.com/OpenMathLib/OpenBLAS/releases) on PATH"
    : platform === "darwin"
      ? "brew install openblas"
      : "apt-get install libopenblas0-pthread";
