/** The closed set of DC/OS (SEMANTICS of DC/OS, 2), in the order in which policies list them. */
export const grantActions = ['create', 'read', 'update', 'delete', 'full'] as const;

export function isGrantAction(action: string): boolean {
  return (grantActions as readonly string[]).includes(action);
}
