import type { KeyRecord } from "@holdfast/vault";
import type { ApiRoute } from "../api-route.ts";
import type { KeyGroup, KeyList } from "../shapes.ts";

const VERSIONS_MAX = 20;

/** The vault's data keys, those of all subjects together. Neither a key nor what wraps it leaves. */
export const keyList: ApiRoute = {
  id: "GET /platform/v1/keys",
  async handle({ keyring }): Promise<KeyList> {
    const groups = Map.groupBy(await keyring.list(), ({ purpose, dataClass }) => `${purpose} ${dataClass}`);
    return { keys: [...groups.values()].map(groupOf) };
  },
};

function groupOf(keys: readonly KeyRecord[]): KeyGroup {
  const [first] = keys as readonly [KeyRecord, ...KeyRecord[]];
  const of = (state: KeyRecord["state"]): number => keys.filter((key) => key.state === state).length;
  const active = keys.filter(({ state }) => state === "active").map(({ madeAt }) => madeAt);
  const subjects = new Set(keys.map(({ subject }) => subject).filter((subject) => subject !== undefined));
  return {
    purpose: first.purpose,
    dataClass: first.dataClass,
    subjects: subjects.size,
    active: of("active"),
    decryptOnly: of("decrypt-only"),
    revoked: of("revoked"),
    oldestActiveAt: active.length === 0 ? null : Math.min(...active),
    versions: keys
      .filter(({ subject }) => subject === undefined)
      .toSorted((a, b) => b.version - a.version)
      .slice(0, VERSIONS_MAX)
      .flatMap(({ version, state, madeAt }) => (state === "destroyed" ? [] : [{ version, state, madeAt }])),
    guardedBy: [...new Set(keys.map(({ guardedBy }) => guardedBy))].sort(),
  };
}
