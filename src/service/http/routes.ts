import { registerAuthRequest } from '../auth-request/auth-request.ts';
import { registerAuthZen } from '../authzen/authzen.ts';
import { registerIamApi } from '../iam/api.ts';
import { registerIamDecision } from '../iam/decision-query.ts';
import { registerNative } from '../native/native.ts';
import type { RegisterRoutes } from '../service.ts';

/** All that the service answers, part by part: each has hooks and parsers of its own. */
export const allRoutes: readonly RegisterRoutes[] = [
  registerNative,
  registerAuthZen,
  registerAuthRequest,
  registerIamDecision,
  registerIamApi,
];
