import { inlineTeam } from "../../src/team/inline.js";
import { runTeamTests } from "./team-suite.js";

// A new team is added here and nowhere else.
for (const [name, create] of Object.entries({ inline: inlineTeam })) runTeamTests({ name, create });
