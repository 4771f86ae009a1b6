import { inlineTeam } from "../../src/team/inline.js";
import { threads } from "../../src/team/threads.js";
import { runTeamTests } from "./suites/team.js";

runTeamTests("inline", { create: inlineTeam });
runTeamTests("threads that take jobs", { create: threads({ workers: 3 }) });
runTeamTests("threads that take jobs, and this one does none", { create: threads({ workers: 2, here: false }) });
runTeamTests("threads that are told jobs and share memory", { create: threads({ workers: 2, handing: "tell", shared: true }) });
runTeamTests("threads that are told jobs and get copies", { create: threads({ workers: 2, handing: "tell", shared: false }) });
