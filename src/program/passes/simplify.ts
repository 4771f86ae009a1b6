import type { Program } from "../program.js";
import { foldingRules } from "./fold-constants.js";
import { mergeRules } from "./rewriter.js";
import { productRules } from "./merge-products.js";
import { rewrite } from "./rewrite.js";
import { arithmeticRules } from "./simplify-arithmetic.js";
import { logicRules } from "./simplify-logic.js";
import { shapeRules } from "./simplify-shapes.js";
import { sumRules } from "./simplify-sums.js";
import { broadcastRules } from "./sink-broadcasts.js";

export const simplifyingRules = mergeRules(foldingRules, arithmeticRules, logicRules, shapeRules, broadcastRules, sumRules, productRules);

/** All rules that look at one operation at a time, together, so that each works on what the others found. */
export const simplify = (program: Program): Program => rewrite(program, simplifyingRules);
