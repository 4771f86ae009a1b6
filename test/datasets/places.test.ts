import { expect, it } from "vitest";
import { cacheFolder, dataFolder } from "../../cli/src/datasets/places.js";

const machine = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}, home = "/home/ann") => ({ platform, env, home });

it.each([
  [machine("linux"), "/home/ann/.cache/ufom"],
  [machine("linux", { XDG_CACHE_HOME: "/var/ann" }), "/var/ann/ufom"],
  [machine("linux", { XDG_CACHE_HOME: "relative" }), "/home/ann/.cache/ufom"],
  [machine("darwin", {}, "/Users/ann"), "/Users/ann/Library/Caches/ufom"],
  [machine("win32", { LOCALAPPDATA: "D:\\ann\\Local" }, "C:\\Users\\ann"), "D:\\ann\\Local\\ufom\\Cache"],
  [machine("win32", {}, "C:\\Users\\ann"), "C:\\Users\\ann\\AppData\\Local\\ufom\\Cache"],
])("the cache lies where the system has such folders (%#)", (given, folder) => {
  expect(cacheFolder(given)).toBe(folder);
  expect(dataFolder(given)).toBe(folder);
  expect(dataFolder({ ...given, env: { ...given.env, UFOM_DATA: "" } })).toBe(folder);
});

it("UFOM_DATA names the folder of data sets", () => {
  expect(dataFolder(machine("linux", { UFOM_DATA: "/big/data", XDG_CACHE_HOME: "/var/ann" }))).toBe("/big/data");
});
