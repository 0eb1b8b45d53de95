// The port the gateway listens on is the policy's origin's, unless somebody asks for another; then the origin follows.
import { CliError } from "../cli-error.ts";
import { typed } from "../command-name.ts";
import type { Project } from "../project.ts";

const PORT_MAX = 65_535;
const HTTPS_PORT = 443;

export function withPort(project: Project, asked: string | undefined): Project {
  if (asked === undefined) return project;
  const port = Number(asked);
  if (!/^\d+$/.test(asked) || port < 1 || port > PORT_MAX) {
    throw new CliError(
      "cli/port-invalid",
      `--port was expected to be a number from 1 to ${PORT_MAX}; it is ${JSON.stringify(asked)}`,
      typed("up --port 9443"),
    );
  }
  const origin = new URL(project.policy.application.origin);
  origin.port = asked;
  const { policy } = project;
  return { ...project, policy: { ...policy, application: { ...policy.application, origin: origin.origin } } };
}

export function portOf(project: Project): number {
  const { port } = new URL(project.policy.application.origin);
  return port === "" ? HTTPS_PORT : Number(port);
}
