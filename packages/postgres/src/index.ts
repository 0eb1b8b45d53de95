export { type Cluster, openCluster, type OpenClusterOptions } from "./cluster.ts";
export { ClusterError, type ClusterErrorCode, MigrationError, type MigrationErrorCode } from "./error.ts";
