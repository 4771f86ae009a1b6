export { dot, leaves, map, sumSquares, zerosLike } from "./tree.js";
