/**
 * Groups whose sizes together are as near to a number as can be. Of several such choices it is the one of groups that stand early in the list:
 * a list in random order makes a random choice.
 *
 * @param sizes of the groups, whole numbers of at least 1
 * @param wanted how many together, at least 1
 * @returns places in the list, at least one and not all of two or more
 */
export function chooseGroups(sizes: readonly number[], wanted: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  /** For each sum the group that it was first reached with; groups come one after another, so the rest of the sum needs earlier ones only. */
  const reachedWith = new Int32Array(total + 1).fill(-1);
  for (const [group, size] of sizes.entries()) {
    for (let sum = total; sum > size; sum--) {
      if (reachedWith[sum] < 0 && reachedWith[sum - size] >= 0) reachedWith[sum] = group;
    }
    if (reachedWith[size] < 0) reachedWith[size] = group;
  }
  let best = -1;
  for (let sum = 1; sum < total; sum++) {
    if (reachedWith[sum] >= 0 && (best < 0 || Math.abs(sum - wanted) < Math.abs(best - wanted))) best = sum;
  }
  const chosen: number[] = [];
  for (let sum = best; sum > 0; sum -= sizes[reachedWith[sum]]) chosen.push(reachedWith[sum]);
  return chosen;
}
