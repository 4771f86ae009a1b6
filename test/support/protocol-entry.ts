// The problem as the default export of a module, as the command loads it.
export { entry as default } from "./protocol.js";
