/** How the archiver of the log names itself: `synchronous_standby_names` must list it where commits wait for it. */
export const ARCHIVER_NAME = "holdfast_archive";
