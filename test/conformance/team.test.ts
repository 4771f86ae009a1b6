import { inlineTeam } from "../../src/team/inline.js";
import { runTeamTests } from "./suites/team.js";

runTeamTests("inline", { create: inlineTeam });
