// The secrets of a deployment: those that the policy declares, and what Holdfast itself needs where the policy says nothing.
import { providerSecretVariable } from "@holdfast/identity";
import type { EmitEvent, Policy } from "@holdfast/policy";
import {
  awsSource,
  environmentSource,
  fileSource,
  openSecrets,
  type SecretDeclaration,
  type Secrets,
  type Vault,
  vaultSource,
} from "@holdfast/vault";

export interface OpenSecretsOptions {
  readonly policy: Policy;
  readonly vault: Pick<Vault, "latestSecret" | "replaceSecret">;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly emit?: EmitEvent;
  readonly onFailure?: (cause: unknown) => void;
  /** 0: never asks again by itself, for a command that ends soon. */
  readonly everyMs?: number;
}

const leaseSecondsUsual = 60;

const fromEnvironment = (at: string): SecretDeclaration => ({
  source: "environment",
  at,
  leaseSeconds: leaseSecondsUsual,
  rotateSeconds: null,
});

/** What `holdfast up` asks for where the policy says nothing of it: variables of the environment. */
function usual({ identity }: Policy): Readonly<Record<string, SecretDeclaration>> {
  const providers = Object.keys(identity.providers).map(
    (name) => [`provider.${name}`, fromEnvironment(providerSecretVariable(name))] as const,
  );
  return {
    smtpUrl: fromEnvironment("HOLDFAST_SMTP_URL"),
    smsSecret: fromEnvironment("HOLDFAST_SMS_SECRET"),
    ...Object.fromEntries(providers),
  };
}

/** Nothing is read before somebody asks. */
export function openPolicySecrets(options: OpenSecretsOptions): Secrets {
  const { policy, vault, environment, now, emit, onFailure, everyMs } = options;
  return openSecrets({
    declarations: { ...usual(policy), ...policy.secrets },
    sources: {
      vault: vaultSource(vault, now),
      environment: environmentSource(environment),
      file: fileSource(),
      aws: awsSource({ environment, now }),
    },
    now,
    ...(emit === undefined ? {} : { emit: (event) => emit({ ...event, service: "vault" }) }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(everyMs === undefined ? {} : { everyMs }),
  });
}
