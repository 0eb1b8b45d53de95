// A route of Holdfast's own services in normal form.
import type { Condition } from "./condition.ts";
import type { Limit, Method, RoutePolicy } from "./policy.ts";

const bodyBytesMax = 65_536;

export interface BuiltInExtra {
  readonly body?: RoutePolicy["body"];
  /** The service validates the body itself. */
  readonly open?: true;
  readonly bytesMax?: number;
}

export type BuiltInRoute = readonly [string, RoutePolicy];

export function routeOf(key: string, allow: Condition, limit: Limit, extra: BuiltInExtra = {}): BuiltInRoute {
  const [method, path] = key.split(" ") as [Method, string];
  const takesBody = extra.open === true || extra.body !== undefined;
  return [
    key,
    {
      method,
      path,
      allow,
      limit,
      takesBody,
      ...(extra.body === undefined ? {} : { body: extra.body }),
      bodyBytesMax: takesBody ? (extra.bytesMax ?? bodyBytesMax) : 0,
    },
  ];
}
