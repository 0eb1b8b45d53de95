export { startTestCluster, type TestCluster, type TestClusterAddress } from "./testing/test-cluster.ts";
