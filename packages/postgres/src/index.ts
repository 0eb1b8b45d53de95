export { type About, asSubject, type VerifiedClaims } from "./as-subject.ts";
export { type ClaimKey, claimProof, type ProofScope } from "./claim-proof.ts";
export { PROOF_LIFETIME_MS } from "./claims-cache.ts";
export { type Cluster, type OpenClusterOptions, openCluster } from "./cluster.ts";
export { type DatabaseEvent, DatabasePool, type PoolMetrics, type PoolOptions } from "./database-pool.ts";
export {
  ClusterError,
  type ClusterErrorCode,
  DatabaseError,
  type DatabaseErrorCode,
  MigrationError,
  type MigrationErrorCode,
  type PostgresErrorCode,
  type SchemaPlace,
} from "./error.ts";
export { connectGiven, type GivenCluster } from "./given-cluster.ts";
export { type MigrationReport, migrate } from "./migrate.ts";
export type { MigrationSet } from "./migration-files.ts";
export type { Statement } from "./pipeline.ts";
export type { Exit } from "./postmaster.ts";
export { baseMigrations, type PreparedDatabase, type PrepareOptions, prepareDatabase } from "./prepare-database.ts";
export { type LoginRole, loginRoles } from "./roles.ts";
export type { Transaction } from "./transaction.ts";
export { type AttachOptions, attachCluster } from "./transit/attach-cluster.ts";
export type { Transport } from "./transit/given-transport.ts";
export { AuthenticationError, GuardedClient, type GuardedSettings } from "./transit/guarded-client.ts";
