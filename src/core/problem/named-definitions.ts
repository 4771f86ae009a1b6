// The definitions by their names, for estimators of one's own.
export { init, initPullback, innerLoss, mixed, outer, pullback, step } from "./definitions.js";
