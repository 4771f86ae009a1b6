import { homedir } from "node:os";
import path from "node:path";

/** What the system says about where files belong. */
interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

const here = (): Machine => ({ env: process.env, platform: process.platform, home: homedir() });

/**
 * The folder for what can be fetched or made again: `ufom` in $XDG_CACHE_HOME where that is an absolute path, else where the system has such folders:
 * ~/.cache, on macOS ~/Library/Caches, on Windows %LOCALAPPDATA%.
 */
export function cacheFolder({ env, platform, home }: Machine = here()): string {
  const { XDG_CACHE_HOME: given, LOCALAPPDATA: local } = env;
  const { join, isAbsolute } = platform === "win32" ? path.win32 : path.posix;
  if (given !== undefined && isAbsolute(given)) return join(given, "ufom");
  if (platform === "win32") return join(local ?? join(home, "AppData", "Local"), "ufom", "Cache");
  return platform === "darwin" ? join(home, "Library", "Caches", "ufom") : join(home, ".cache", "ufom");
}

/** The folder of data sets: $UFOM_DATA, else the cache. */
export function dataFolder(machine: Machine = here()): string {
  const given = machine.env.UFOM_DATA ?? "";
  return given === "" ? cacheFolder(machine) : path.resolve(given);
}

/** The folder of decoded images; never in $UFOM_DATA, which others may share and nobody need be able to write to. */
export const decodedFolder = (): string => path.join(cacheFolder(), "decoded");
