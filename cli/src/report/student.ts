import { studentQuantile } from "ufom/internal/core/random/student-quantile";

/** Half the width of a 95 % interval of a mean of n numbers with this standard deviation; n is at least 2. */
export const halfWidth = (deviation: number, n: number): number => (studentQuantile(n - 1) * deviation) / Math.sqrt(n);
