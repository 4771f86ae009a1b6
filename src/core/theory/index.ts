export { biasBound, momentBound, type Regularity } from "./bounds.js";
export { convergenceBound, type Descent } from "./convergence.js";
export { expectedCost, stepCosts, type Costs } from "./cost.js";
export { optimalProbability, type TradeOff } from "./optimal-probability.js";
export { scaledBaseline, scaledDifference, type JointMoments, type ScaledBaseline } from "./scaled-baseline.js";
export { secondMoment } from "./second-moment.js";
export {
  optimalStepProbabilities,
  stepwiseCost,
  stepwiseFactor,
  stepwiseGuardBound,
  stepwiseSecondMoment,
  type StepwiseCosts,
  type StepwiseTradeOff,
} from "./stepwise.js";
