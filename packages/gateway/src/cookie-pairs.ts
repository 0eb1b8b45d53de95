// The pairs of a Cookie field. Only a space or a tab around them is nothing (RFC 6265bis §5.6): trim() would also take a no-break
// space off a name, and "\u00a0__Host-access" is a cookie that any other host of the domain may set.

const BLANKS = /^[ \t]+|[ \t]+$/g;

/** The `name=value` pairs of a Cookie field, as they were sent. */
export const cookiePairs = (cookie: string): string[] => cookie.split(";").map((pair) => pair.replace(BLANKS, ""));
