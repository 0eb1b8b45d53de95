export { CliError, type CliErrorCode } from "./cli-error.ts";
export { type Opened, openUp } from "./deployment/open-up.ts";
export { type PlatformClient, platformClient } from "./deployment/platform-client.ts";
export { withPort } from "./deployment/port.ts";
export { loadPolicy, loadProject, type Project } from "./project.ts";
export { openProvingGround, type ProvingGround } from "./proving/proving-ground.ts";
export { openTerminal, silentTerminal, type Terminal } from "./terminal.ts";
