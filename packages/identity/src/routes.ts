// Every endpoint of identity, in one place.

import {
  adminClientCreate,
  adminClientDelete,
  adminClientGet,
  adminClientList,
  adminClientSecret,
  adminClientUpdate,
} from "./routes/admin-client.ts";
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
import { identityLink } from "./routes/identity-link.ts";
import { identityRemove } from "./routes/identity-remove.ts";
import { jwks } from "./routes/jwks.ts";
import { logout } from "./routes/logout.ts";
import { oauthAuthorization } from "./routes/oauth-authorization.ts";
import { oauthAuthorize } from "./routes/oauth-authorize.ts";
import { oauthConsent } from "./routes/oauth-consent.ts";
import { oauthGrantList, oauthGrantRemove } from "./routes/oauth-grants.ts";
import { oauthServerMetadata, openidConfiguration } from "./routes/oauth-metadata.ts";
import { oauthRegister } from "./routes/oauth-register.ts";
import { oauthToken } from "./routes/oauth-token.ts";
import { oauthUserinfo } from "./routes/oauth-userinfo.ts";
import { providerAuthorize } from "./routes/provider-authorize.ts";
import { providerCallback, providerCallbackForm } from "./routes/provider-callback.ts";
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
  "GET /.well-known/openid-configuration": openidConfiguration,
  "GET /.well-known/oauth-authorization-server": oauthServerMetadata,
  "GET /authorize": providerAuthorize,
  "GET /callback": providerCallback,
  "POST /callback": providerCallbackForm,
  "GET /user/identities/authorize": identityLink,
  "DELETE /user/identities/:id": identityRemove,
  "GET /oauth/authorize": oauthAuthorize,
  "GET /oauth/authorizations/:id": oauthAuthorization,
  "POST /oauth/authorizations/:id/consent": oauthConsent,
  "POST /oauth/token": oauthToken,
  "GET /oauth/userinfo": oauthUserinfo,
  "POST /oauth/clients/register": oauthRegister,
  "GET /user/oauth/grants": oauthGrantList,
  "DELETE /user/oauth/grants": oauthGrantRemove,
  "GET /admin/oauth/clients": adminClientList,
  "POST /admin/oauth/clients": adminClientCreate,
  "GET /admin/oauth/clients/:id": adminClientGet,
  "PUT /admin/oauth/clients/:id": adminClientUpdate,
  "DELETE /admin/oauth/clients/:id": adminClientDelete,
  "POST /admin/oauth/clients/:id/regenerate_secret": adminClientSecret,
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
