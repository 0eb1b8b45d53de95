// A route's body schema as a check that coerces nothing, fills nothing in and removes nothing (ASVS 15.3.1, 15.3.3). That the
// schema is closed is the policy's promise.
import type { JsonSchema } from "@holdfast/policy";
import { Ajv2020 } from "ajv/dist/2020.js";
import { GatewayError } from "./error.ts";
import type { BodyIssue } from "./problem.ts";

/** No issues: the body is what the route takes. */
export type BodyCheck = (value: unknown) => readonly BodyIssue[];

const NONE: readonly BodyIssue[] = Object.freeze([]);

const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  email: /^[^\s@<>"(),:;[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uri: /^https?:\/\/[^\s]{1,2000}$/,
};

/**
 * What compiles the schemas of one gateway, each once, at boot. They share an Ajv: making one compiles JSON Schema's own schema,
 * which takes longer than all of ours together.
 */
export function bodySchemaCompiler(): (route: string, schema: JsonSchema) => BodyCheck {
  const ajv = new Ajv2020({
    // A keyword or a format that nobody knows would be a promise that nobody keeps.
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    logger: false,
    validateFormats: true,
    coerceTypes: false,
    useDefaults: false,
    removeAdditional: false,
    allErrors: false,
    ownProperties: true,
    // No schema can refer to another route's.
    addUsedSchema: false,
  });
  for (const [name, pattern] of Object.entries(formats)) ajv.addFormat(name, pattern);
  return (route, schema) => bodyCheck(ajv, route, schema);
}

/** Throws GatewayError `gateway/schema-invalid`, also for a format we do not know. */
function bodyCheck(ajv: Ajv2020, route: string, schema: JsonSchema): BodyCheck {
  let validate: ReturnType<typeof ajv.compile>;
  try {
    validate = ajv.compile(schema);
  } catch (cause) {
    throw new GatewayError(
      "gateway/schema-invalid",
      `The body schema of "${route}" is no JSON Schema 2020-12 that the gateway can check.`,
      "Use only standard keywords and the formats uuid, email, date-time, date and uri.",
      cause,
    );
  }
  return (value) => {
    if (validate(value) === true) return NONE;
    return (validate.errors ?? []).map((error) => ({
      pointer: error.instancePath,
      // `message` is written by Ajv from the schema; it does not quote the body.
      detail: error.message ?? "is not valid",
    }));
  };
}
