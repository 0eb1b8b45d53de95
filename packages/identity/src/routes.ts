// Every endpoint of identity, in one place.
import { adminFactorDelete } from "./routes/admin-factor-delete.ts";
import { adminFactorList } from "./routes/admin-factor-list.ts";
import { adminUserCreate } from "./routes/admin-user-create.ts";
import { adminUserDelete } from "./routes/admin-user-delete.ts";
import { adminUserGet } from "./routes/admin-user-get.ts";
import { adminUserList } from "./routes/admin-user-list.ts";
import { adminUserUpdate } from "./routes/admin-user-update.ts";
import { factorChallenge } from "./routes/factor-challenge.ts";
import { factorEnrol } from "./routes/factor-enrol.ts";
import { factorRemove } from "./routes/factor-remove.ts";
import { factorVerify } from "./routes/factor-verify.ts";
import { health } from "./routes/health.ts";
import { jwks } from "./routes/jwks.ts";
import { logout } from "./routes/logout.ts";
import type { AddRoute } from "./routes/route.ts";
import { sessionEnd } from "./routes/session-end.ts";
import { sessionList } from "./routes/session-list.ts";
import { settings } from "./routes/settings.ts";
import { signUp } from "./routes/sign-up.ts";
import { switchedOff } from "./routes/switched-off.ts";
import { token } from "./routes/token.ts";
import { userGet } from "./routes/user-get.ts";
import { userPut } from "./routes/user-put.ts";

export const routes: Readonly<Record<string, AddRoute>> = {
  "GET /health": health,
  "GET /settings": settings,
  "GET /.well-known/jwks.json": jwks,
  "POST /signup": signUp,
  "POST /token": token,
  "GET /user": userGet,
  "PUT /user": userPut,
  "POST /logout": logout,
  "GET /user/sessions": sessionList,
  "DELETE /user/sessions/:id": sessionEnd,
  "POST /factors": factorEnrol,
  "POST /factors/:id/challenge": factorChallenge,
  "POST /factors/:id/verify": factorVerify,
  "DELETE /factors/:id": factorRemove,
  "GET /admin/users": adminUserList,
  "POST /admin/users": adminUserCreate,
  "GET /admin/users/:id": adminUserGet,
  "PUT /admin/users/:id": adminUserUpdate,
  "DELETE /admin/users/:id": adminUserDelete,
  "GET /admin/users/:id/factors": adminFactorList,
  "DELETE /admin/users/:id/factors/:factor": adminFactorDelete,
  ...switchedOff,
};
