import { expect, test } from "vitest";
import { FileSink, LABEL } from "./file-sink.ts";

test("a label that no server writes is refused before it is kept in memory", async () => {
  const sinkFor = (bytes: number) =>
    new FileSink(new Map([[LABEL, { bytes, sha256: "" }]]), undefined, {
      into: undefined,
      signal: undefined,
      isLast: true,
      onBytes: () => undefined,
    });
  const begin = (bytes: number): Promise<void> => sinkFor(bytes).begin({ kind: "file", path: LABEL, bytes });
  await expect(begin(8 * 1024 ** 3)).rejects.toMatchObject({ code: "backup/manifest-differs" });
  await begin(300);
});
