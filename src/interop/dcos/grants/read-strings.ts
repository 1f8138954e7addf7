import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../source/source.ts';
import type { Grant, GrantsReading } from './grant.ts';
import { actionsOf, linesOf } from './read-json-lines.ts';

/** `RID action,action`; blanks stand in an id only within `<…>`, and behind commas. */
const permission = /^((?:<[^<>\n]*>|[^\s<]|<(?![^<>\n]*>))+)(?:[ \t]+([^\s,]+(?:[ \t]*,[ \t]*[^\s,]+)*))?$/;

/**
 * Permission strings as the web interface takes them (SEMANTICS of DC/OS, 1), one a line. Who gets them is not written there.
 */
export function readPermissionStrings({ file, text }: Source): GrantsReading {
  const grants: Grant[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { text: line, start } of linesOf(text)) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const from = start + line.indexOf(content);
    const span = { start: from, end: from + content.length };
    const found = permission.exec(content);
    if (found === null) {
      const message = 'the line is no resource id with its actions';
      const help = 'write `dcos:… action,action`';
      diagnostics.push({ code: 'P4306', severity: 'error', file, span, message, help });
      continue;
    }
    const [, resource = '', actions = ''] = found;
    const at = {
      principal: span,
      resource: { start: from, end: from + resource.length },
      action: actions === '' ? span : { start: span.end - actions.length, end: span.end },
    };
    for (const action of actionsOf(actions)) {
      const named = { principalType: 'unknown', principal: '', resource, action } as const;
      grants.push({ ...named, file, span, at, spelling: resource, isFilledIn: true, faults: [] });
    }
  }
  return { grants, acls: [], memberships: [], diagnostics };
}
