// Every code an issue may bear, what it means and the hint given when the place has no better one. The README's table follows this file.

/** What a code means, and what to do about it. */
export interface IssueKind {
  readonly meaning: string;
  readonly hint: string;
}

const kind = (meaning: string, hint: string): IssueKind => ({ meaning, hint });

/** Every code of an issue. Codes are stable: they are never given another meaning. */
export const issueKinds = {
  "input/not-an-object": kind("A plain object was expected.", "Write an object literal here."),
  "input/unknown-key": kind(
    "A key that this version does not know.",
    "Remove it or correct its spelling; nothing unknown is ignored.",
  ),
  "input/missing": kind("A required value is absent.", "Add it."),
  "input/wrong-type": kind("A value of another type was expected.", "Give a value of the expected type."),
  "input/too-many": kind("A list or record is longer than its limit.", "Split it, or use fewer entries."),
  "input/duplicate": kind("The same value stands twice where each may stand once.", "Remove one of the two."),
  "input/accessor": kind(
    "A property is computed by a getter instead of being data.",
    "Write plain data: a policy must read the same every time.",
  ),
  "name/invalid": kind(
    "A name is not of the form [a-z_][a-z0-9_]{0,62}.",
    "Use lower-case letters, digits and underscores, at most 63; it becomes an identifier in PostgreSQL.",
  ),
  "name/reserved": kind("A name that JavaScript, PostgreSQL or Holdfast keeps for itself.", "Choose another name."),
  "duration/invalid": kind("Not a duration.", 'Write a whole number and a unit: "90s", "30m", "12h" or "7d".'),
  "duration/out-of-range": kind("A duration outside the range that is safe here.", "Choose one inside the range."),
  "limit/invalid": kind(
    "Not a rate limit, or one that lets nothing through.",
    'Write requests and a window: "300/min", "10/s", "1000/h" or "5000/d".',
  ),
  "bytes/invalid": kind("Not a size, or outside its range.", 'Write a number of bytes, or "64KiB" or "1MiB".'),
  "number/out-of-range": kind("A number outside the range that makes sense here.", "Choose one inside the range."),
  "origin/invalid": kind(
    "Not an exact origin.",
    'Write scheme, host and port only, for example "https://app.example.com".',
  ),
  "origin/insecure": kind(
    "An origin without TLS that is not loopback.",
    "Use https; plain HTTP is accepted for localhost, 127.0.0.1 and [::1] only.",
  ),
  "origin/wildcard": kind(
    "An origin with a wildcard.",
    "Name every origin exactly: a wildcard trusts whoever can register a host below it.",
  ),
  "url/invalid": kind(
    "Not an exact URL.",
    "Write it out, percent-encoded, without user information, fragment or dot segments.",
  ),
  "url/wildcard": kind(
    "A URL with a wildcard.",
    "Name every URL exactly: whoever finds an open page below a pattern is sent the session.",
  ),
  "role/undeclared": kind(
    "A role that `roles` does not declare.",
    "Declare it under `roles`, or correct its spelling.",
  ),
  "role/cycle": kind(
    "Roles that include each other in a circle.",
    "Remove one `includes`, so that one role is the larger one.",
  ),
  "role/includes-stronger": kind(
    "A role that needs no second factor includes one that needs it.",
    'Give the including role `requires: "aal2"` as well; otherwise it would be a way around the second factor.',
  ),
  "role/includes-approved": kind(
    "A role that one person may give includes one that needs somebody else's approval.",
    "Leave out `approval: false`, or stop including the other role; otherwise it would be a way around the approval.",
  ),
  "role/administrator-undeclared": kind(
    "The platform's administrator role is not declared.",
    'Declare a role "admin" with `requires: "aal2"`, or name another in `platform.administrator`.',
  ),
  "role/administrator-weak": kind(
    "The platform's administrator role needs no second factor.",
    'Give the role `requires: "aal2"`.',
  ),
  "role/default-privileged": kind(
    "New accounts would get a role that needs a second factor or approval, or administers the platform.",
    "Grant such roles to accounts one by one.",
  ),
  "column/undeclared": kind(
    "A column that its table does not declare.",
    "Declare it under the table's `columns`, or correct its spelling.",
  ),
  "column/forbidden": kind(
    "A column of metadata that its own user may write.",
    "Anybody can write their own user_metadata, so it can never decide access; keep the fact in a column the application controls.",
  ),
  "sealed/type": kind(
    "A sealed column of a type that cannot be sealed, or a blind index of one that has too few values.",
    "Seal text or jsonb, and index text only: of yes and no, or of five words, an index tells everything.",
  ),
  "sealed/primary-key": kind(
    "The primary key is sealed.",
    "Seal another column: the key says which row a value belongs to.",
  ),
  "sealed/row-unknown": kind(
    "A sealed column in a table whose rows have no key before they are written.",
    "Let the application choose the key: declare it writable, of type uuid, text, integer or bigint.",
  ),
  "sealed/in-condition": kind(
    "A condition about a sealed column.",
    "The database cannot read it: keep what conditions ask for in another column.",
  ),
  "sealed/subject": kind(
    "A sealed column belongs to a subject that is no uuid column, or may be null.",
    "Name the column that holds the id of the person whose value it is.",
  ),
  "sealed/subject-indexed": kind(
    "A sealed column with keys for each subject has a blind index.",
    "Choose one: the index would remain, under a key for all, when the subject's keys are destroyed.",
  ),
  "masked/type": kind(
    "A mask on a column of a type that it is not made for.",
    'Use "email" and "last4" for text, "year" for date and timestamptz, "redact" for every type.',
  ),
  "masked/no-mask": kind(
    "A column says whom it is shown, and has no mask.",
    "Name a mask, or leave `unmaskedFor` out.",
  ),
  "masked/sealed": kind(
    "A sealed column with a mask.",
    "Leave the mask out: PostgreSQL cannot read what it would mask, and the application opens it for whom the policy allows.",
  ),
  "masked/primary-key": kind("The primary key is masked.", "Mask another column: rows are named by their key."),
  "masked/in-condition": kind(
    "A condition about a masked column.",
    "Ask another column: which rows somebody sees would tell them what is masked. `unmaskedFor` may ask it.",
  ),
  "sealed/index-name": kind(
    "The name of a blind index is taken, or too long.",
    "Give the sealed column, or the one that has its name and `_index`, another name.",
  ),
  "table/undeclared": kind(
    "A table that `tables` does not declare.",
    "Declare it under `tables`, or correct its spelling.",
  ),
  "table/primary-key": kind(
    "The primary key is not a declared, non-null column.",
    "Declare the column, or name another in `primaryKey`.",
  ),
  "table/schema-reserved": kind(
    "A schema that belongs to PostgreSQL, identity or Holdfast.",
    'Keep application tables in "public" or in a schema of their own.',
  ),
  "condition/invalid": kind(
    "Not a condition.",
    "Use the builders: anyone(), signedIn(), role(…), owner(…), column(…).is(…), all(…), any(…), not(…).",
  ),
  "condition/unknown-kind": kind(
    "A kind of condition that does not exist.",
    "Use the builders. There is none that reads user_metadata, request bodies or headers, since callers choose those.",
  ),
  "condition/empty": kind(
    "A list of no conditions or values.",
    "Name at least one; for always or never write anyone() or nobody().",
  ),
  "condition/too-deep": kind("Conditions nested more than 16 deep.", "Flatten it: all(all(a, b), c) is all(a, b, c)."),
  "condition/too-large": kind(
    "A condition of more than 256 parts, or a list of more than 100 values.",
    "Put the fact into a column or a membership table.",
  ),
  "condition/open-write": kind(
    "Anybody, signed in or not, could write.",
    "Ask for at least signedIn(); a public form belongs behind a route that validates it.",
  ),
  "condition/service-in-table": kind(
    "The service key in a table condition.",
    "The key never reaches the tables of the application; use it in routes.",
  ),
  "condition/row-outside-table": kind(
    "A condition about a row where there is none.",
    "Routes and pages know only the subject; put the condition on the table.",
  ),
  "condition/column-type": kind(
    "A column whose type does not suit the condition.",
    "owner needs uuid, time needs timestamptz; jsonb can only be compared with null.",
  ),
  "condition/value-misfit": kind(
    "A constant that does not fit its column's type.",
    "Write the constant as the column stores it.",
  ),
  "condition/operator-misfit": kind(
    "An order comparison on a type without a useful order.",
    "Use is, isNot or isOneOf for uuid and boolean columns.",
  ),
  "service/undeclared": kind(
    "A service that `services` does not declare.",
    'Declare it; "gateway" may call and "postgres" may be called.',
  ),
  "route/invalid": kind(
    "Not a route.",
    'Write "METHOD /path" with literal or ":name" segments, for example "GET /api/content/:id".',
  ),
  "route/reserved": kind("A path that Holdfast serves itself.", "Keep away from /auth/v1, /platform/v1 and /metrics."),
  "route/duplicate": kind("Two routes or pages that match the same requests.", "Keep one of them."),
  "route/body-not-taken": kind(
    "A body schema on a method without a body.",
    "Remove the schema, or use POST, PUT or PATCH.",
  ),
  "route/body-schema": kind(
    "A body schema that cannot be enforced as written.",
    "Write a closed JSON Schema (2020-12) of plain data.",
  ),
  "site/mount": kind("A mount that is not a path, or is used twice.", 'Write "/" or "/name", each once.'),
  "site/page-invalid": kind(
    "Not a page pattern.",
    'Write a full path with literal or ":name" segments, for example "/content/:id".',
  ),
  "site/page-outside-mount": kind(
    "A page outside its site's mount, or inside another's.",
    "Page patterns are full paths that begin with the site's own mount.",
  ),
  "site/page-missing": kind(
    "`signIn` or `unauthorized` names a page that the site does not have.",
    "Add the page to `pages`.",
  ),
  "site/page-closed": kind(
    "A page that refused visitors are sent to refuses them too.",
    "Let anyone() open it, or the browser would be sent in circles.",
  ),
  "identity/session-order": kind("Session times in an impossible order.", "Keep accessToken ≤ idle ≤ absolute."),
  "identity/hash-weak": kind(
    "A password hash that costs less than OWASP's least.",
    "Leave it out, or give at least 19456 KiB with 2 passes, 12288 with 3, 9216 with 4 or 7168 with 5.",
  ),
  "provider/name": kind(
    "Not a name of a provider.",
    'Use lower-case letters, digits, dashes and underscores, such as "google" or "custom:work".',
  ),
  "provider/kind-mismatch": kind(
    "A provider that bears the name of another kind.",
    "Give the provider a name of its own, or the kind its name says.",
  ),
  "provider/issuer-missing": kind(
    "A provider whose issuer nobody could know.",
    "Write the issuer's exact URL: with Azure that of one tenant, otherwise anybody's tenant could vouch for anybody.",
  ),
  "secret/name": kind(
    "Not a name of a secret.",
    'Use letters and digits such as "stripeKey"; "provider.<name>" is the client secret of a declared provider.',
  ),
  "secret/place": kind(
    "Not a place where a secret could be.",
    "Give a variable for environment, an absolute path for file, a name or ARN for aws.",
  ),
  "provider/setting-misplaced": kind(
    "A setting that means nothing for a provider of this kind.",
    "Leave it out: `trustEmail` is for `oidc`, `teamId` and `keyId` are for `apple`.",
  ),
  "browser/feature-unknown": kind(
    "Not a feature of Permissions-Policy that we know.",
    "Correct its spelling; everything else is denied.",
  ),
} as const satisfies Record<string, IssueKind>;
