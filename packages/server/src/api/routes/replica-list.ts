import type { ReplicaStatus } from "../../replicas/replica-status.ts";
import type { ApiRoute } from "../api-route.ts";

/** The replicas, how far each is behind, what its slot keeps, and where reads went. */
export const replicaList: ApiRoute = {
  id: "GET /platform/v1/replicas",
  handle: ({ replicas }): ReplicaStatus => replicas.status(),
};
