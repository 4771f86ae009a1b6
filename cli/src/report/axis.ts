import type { Headline } from "../problems/problem-entry.js";
import { words } from "./format.js";

/** Letters that fit along an axis. */
const most = 32;

/** A headline's name along an axis: its label, or where that is too long what it measures. */
export const axisOf = ({ metric, label }: Headline): string => (label.length <= most ? label : words(metric));
