import { describe, expect, test } from "vitest";
import { linear, outerSpellings, parseOuter, parseRate, rateSpellings, type Rate } from "../../src/core/outer/index.js";
import { at } from "../support/outer-updates.js";

describe("the command line's spelling", () => {
  test.each([
    ["sgd:0.1", "sgd(0.1)"],
    ["sgd:1e-3", "sgd(0.001)"],
    ["sgd:10/k", "sgd(10/k)"],
    ["sgd:10/k^0.5", "sgd(10/k^0.5)"],
    ["sgd:.5/k^.75", "sgd(0.5/k^0.75)"],
    ["sgd:linear:0.1..0@1000", "sgd(linear:0.1..0@1000)"],
    ["adam:cosine:1e-1...5@10", "adam(cosine:0.1..0.5@10)"],
    ["momentum:0.1", "momentum(0.1, 0.9)"],
    ["momentum:10/k,0.5", "momentum(10/k, 0.5)"],
    ["adam:0.5", "adam(0.5)"],
    ["adam:0.5,0.8", "adam(0.5, beta1 = 0.8)"],
    ["adam:0.5,0.9,0.99,1e-6", "adam(0.5, beta2 = 0.99, epsilon = 0.000001)"],
    ["clip-value:0.1+sgd:0.1", "chain(clipByValue(0.1), sgd(0.1))"],
    ["nesterov:0.1,0.5", "momentum(0.1, 0.5, nesterov)"],
    ["adamw:1e-3", "adamw(0.001, 0.0001)"],
    ["adamw:1e-3,0.01,0.8", "adamw(0.001, 0.01, beta1 = 0.8)"],
    ["weight-decay:1e-4+sgd:0.1", "chain(addDecayedWeights(0.0001), sgd(0.1))"],
    ["adam:0.1+plateau:0.5,20", "chain(adam(0.1), reduceOnPlateau(factor = 0.5, patience = 20))"],
    ["adam:0.1+plateau:0.5,20,10", "chain(adam(0.1), reduceOnPlateau(factor = 0.5, patience = 20, accumulationSize = 10))"],
    ["sgd:linear:0..0.1@100~10/k", "sgd(linear:0..0.1@100~10/k)"],
    ["adam:0.1@5~linear:0..1@50@100~10/k^0.5@7~0.01,0.8", "adam(0.1@5~linear:0..1@50@100~10/k^0.5@7~0.01, beta1 = 0.8)"],
    ["clip-norm:1e+3+adam:1e+0", "chain(clipByGlobalNorm(1000), adam(1))"],
  ])("%s is %s", (text, name) => expect(parseOuter(text).name).toBe(name));

  test.each([
    [
      "",
      'an outer transform is spelled like one of sgd:RATE, momentum:RATE[,BETA], nesterov:RATE[,BETA], adam:RATE[,BETA1[,BETA2[,EPSILON]]], adamw:RATE[,DECAY[,BETA1[,BETA2[,EPSILON]]]], weight-decay:DECAY, plateau:FACTOR,PATIENCE[,LOSSES], clip-value:LIMIT, clip-norm:NORM, chained by +; received "".',
    ],
    ["lion:0.1", /chained by \+; received "lion:0\.1"\.$/],
    ["sgd", 'sgd is spelled sgd:RATE; received "sgd".'],
    ["sgd:0.1,0.9", 'sgd is spelled sgd:RATE; received "sgd:0.1,0.9".'],
    ["sgd:0.1+", /received "0\.1\+"\.$/],
    [
      "sgd:fast",
      'a rate is spelled like one of 0.1, 10/k, 10/k^0.5, linear:0.1..0@1000, cosine:0.1..0@1000, exponential:0.1*0.5@100, linear:0.1..0@end, linear:0..0.1@100~10/k; received "fast".',
    ],
    ["sgd:10/k^", /received "10\/k\^"\.$/],
    ["sgd:linear:0.1..0", /received "linear:0\.1\.\.0"\.$/],
    ["sgd:0.1~0.2", /received "0\.1~0\.2"\.$/],
    ["sgd:0.1@5~0.2@5", /received "0\.1@5~0\.2@5"\.$/],
    ["sgd:0.1@5", /received "0\.1@5"\.$/],
    ["sgd:0.1@0~1", "joinSchedules wants whole boundaries in ascending order, at least 1; received [0]."],
    ["plateau:0.5", 'plateau is spelled plateau:FACTOR,PATIENCE[,LOSSES]; received "plateau:0.5".'],
    ["plateau:2,5", "reduceOnPlateau wants a factor in (0, 1); received 2."],
    ["sgd:0x10", /received "0x10"\.$/],
    ["momentum:0.1,x", 'momentum is spelled momentum:RATE[,BETA] with numbers; received "x".'],
    ["momentum:0.1,1", "momentum wants beta in [0, 1); received 1."],
    ["clip-norm:-1", "clipByGlobalNorm wants a positive norm; received -1."],
    ["sgd:-1", "sgd wants a non-negative rate; received -1."],
  ])("refuses %j", (text, sentence) => {
    expect(() => parseOuter(text)).toThrow(typeof sentence === "string" ? `ufom: ${sentence}` : sentence);
  });

  test("every spelling that help shows can be read", () => {
    for (const { spelling } of rateSpellings) expect(() => parseRate(spelling)).not.toThrow();
    for (const { spelling } of outerSpellings)
      expect(() =>
        parseOuter(
          spelling
            .replace(/\[.*/, "")
            .replace("PATIENCE", "5")
            .replace(/[A-Z]+/, "0.1"),
        ),
      ).not.toThrow();
  });

  test("a schedule read from text is the function", () => {
    const schedule = (text: string) => parseRate(text) as Exclude<Rate, number>;
    expect(at(schedule("linear:0.1..0@4"), 1, 3, 5)).toEqual(at(linear(0.1, 0, 4), 1, 3, 5));
    expect(at(schedule("linear:0..1@4~0.5@2~6/k"), 4, 5, 6, 7, 8)).toEqual([0.75, 0.5, 0.5, 6, 3]);
    expect(parseRate("0.25")).toBe(0.25);
  });
});
