// Where a project's backups lie: the folder or bucket that `deployment.ts` names, or a folder in its data directory.
import { join, resolve } from "node:path";
import { type BackupTarget, openFolderTarget, openS3Target } from "@holdfast/postgres";
import type { Deployment } from "@holdfast/server";
import { CliError } from "../cli-error.ts";

const FOLDER = "backups";

/** @throws BackupError, CliError when a bucket is named and its key is not in the environment. */
export async function openPlace(dataDirectory: string, place: Deployment["backups"]): Promise<BackupTarget> {
  if (place === undefined) return openFolderTarget(join(dataDirectory, FOLDER));
  if ("folder" in place) return openFolderTarget(resolve(dataDirectory, "..", place.folder));
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new CliError(
      "cli/project-invalid",
      "the key of the bucket for backups was expected in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; it is not there",
      "set both, and AWS_SESSION_TOKEN where the key is temporary",
    );
  }
  return openS3Target({
    ...place.s3,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  });
}
