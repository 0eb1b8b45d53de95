// A throw-away vault's certificate authority, for tests.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVault, type ServiceCertificate } from "@holdfast/vault";

export interface TestAuthority {
  readonly certificatePem: string;
  /** A certificate for 127.0.0.1 and localhost whose URI names the SPIFFE id. */
  issue(uri: string): Promise<ServiceCertificate>;
}

export async function testAuthority(): Promise<TestAuthority> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-vault-"));
  const vault = await openVault({ directory });
  const authority = await vault.certificateAuthority();
  await vault.close();
  await rm(directory, { recursive: true });
  return {
    certificatePem: authority.certificatePem,
    issue: (uri) =>
      authority.issue({
        commonName: "test",
        dnsNames: ["localhost"],
        ipAddresses: ["127.0.0.1"],
        uris: [uri],
        usage: ["server", "client"],
        days: 1,
      }),
  };
}
