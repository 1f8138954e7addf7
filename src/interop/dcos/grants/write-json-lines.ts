import type { ExportedPolicy } from './exported.ts';

/** A JSON object for each subject and resource, as `grantLineSchema` tells. It has no word for members of groups. */
export function writeJsonLines({ set }: ExportedPolicy): string {
  return set.subjects
    .flatMap(({ type, name, permissions }) =>
      permissions.map(({ resource, actions }) => {
        const line = { principalType: type, principal: name, resource, action: actions.join(',') };
        return `${JSON.stringify(line)}\n`;
      }),
    )
    .join('');
}
