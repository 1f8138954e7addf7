import { pointerTo } from '../../../json/json-tree.ts';
import { overridingValue } from '../acls.ts';
import { goesByValues, matchesNothing, prefixOf } from '../entity-meaning.ts';
import type { PointedDiagnostic } from '../read-acls.ts';
import { quoteText, warnOf } from './trap.ts';
import { isType, type WrittenEntity, type WrittenEntry } from './written-entries.ts';

/**
 * What is misleading about the two entities of an entry, whatever stands around it.
 *
 * @param isUnreachable  the entry never decides, so that nothing is said of what it would decide
 */
export function entityTraps(entry: WrittenEntry, isUnreachable: boolean): PointedDiagnostic[] {
  const entities = [entry.principals, entry.object].filter((entity) => entity !== undefined);
  return [
    ...(isUnreachable ? [] : nonePrincipals(entry)),
    ...entities.flatMap((entity) => [
      ...unknownType(entity),
      ...nothingMatches(entity),
      ...valuesBesideType(entity),
      ...wildcardsThatAreNone(entity),
    ]),
  ];
}

// ---------------------------------------------------------------- P4101

function unknownType(entity: WrittenEntity): PointedDiagnostic[] {
  const { writtenType, pointer } = entity;
  if (writtenType === undefined || isType(writtenType)) return [];
  const nothing = matchesNothing(entity, entity.match);
  const where = entity.values.length === 0 ? 'without values' : `in \`${entity.list.name}\``;
  return [
    warnOf({
      code: 'P4101',
      pointer: pointerTo(pointer, 'type'),
      message: `\`${quoteText(writtenType)}\` is no type: it is read as \`SOME\`${nothing ? `, which matches nothing ${where}` : ''}`,
      help: unknownTypeHelp(entity, writtenType, nothing),
    }),
  ];
}

function unknownTypeHelp(entity: WrittenEntity, writtenType: string, matchesNothing: boolean): string {
  const meant = writtenType.trim().toUpperCase();
  if (meant === 'NONE') {
    const asItStands = matchesNothing ? 'denies nothing' : 'applies to the listed values alone';
    return `write \`"NONE"\` in capitals: as it stands the entry ${asItStands}`;
  }
  if (meant === 'ANY') return 'write `"ANY"`, in capitals';
  if (entity.match === 'any') return anyOrNoneHelp;
  if (meant === 'SOME') return 'write `"SOME"`, in capitals';
  return entity.values.length > 0 || meant === ''
    ? 'delete it, or write `"SOME"`, `"ANY"` or `"NONE"`'
    : `write \`{"values": [${quoteText(writtenType)}]}\` if a name is meant; the types are \`SOME\`, \`ANY\` and \`NONE\``;
}

const anyOrNoneHelp = 'write `{"type": "ANY"}` to allow, `{"type": "NONE"}` to deny';

// ---------------------------------------------------------------- P4102

function nonePrincipals({ principals, object, list, index, pointer }: WrittenEntry): PointedDiagnostic[] {
  if (principals?.type !== 'NONE') return [];
  if (object !== undefined && matchesNothing(object, object.match)) return [];
  const unless = index === 0 ? '' : ', unless an entry before it decides';
  return [
    warnOf({
      code: 'P4102',
      pointer: pointerTo(pointer, 'principals'),
      message: `\`NONE\` as \`principals\` denies ${scopeText(object)} to everybody, requests without a principal included${unless}`,
      help: `to deny some principals, list them, with \`{"type": "NONE"}\` as \`${list.objectField}\`; if nobody is meant, delete the entry`,
    }),
  ];
}

function scopeText(object: WrittenEntity | undefined): string {
  if (object === undefined) return 'what the entry is about';
  return `${goesByValues(object, object.match) ? 'the listed' : 'all'} \`${object.field}\``;
}

// ---------------------------------------------------------------- P4107

function nothingMatches(entity: WrittenEntity): PointedDiagnostic[] {
  const { field, list, pointer, values, match, writtenType } = entity;
  const isToldAsType = writtenType !== undefined && !isType(writtenType);
  if (isToldAsType || !matchesNothing(entity, match)) return [];
  const hasNoValues = values.length === 0;
  return [
    warnOf({
      code: 'P4107',
      pointer,
      message: hasNoValues
        ? `\`${field}\` without values matches nothing: the entry never applies`
        : `values of \`${field}\` are never asked for in \`${list.name}\`: the entry never applies`,
      help: match === 'any' ? anyOrNoneHelp : 'list values, or write `{"type": "ANY"}`',
    }),
  ];
}

// ---------------------------------------------------------------- P4108

function valuesBesideType(entity: WrittenEntity): PointedDiagnostic[] {
  const { type, values, match, pointer } = entity;
  if (type === 'SOME' || values.length === 0) return [];
  const text = goesByValues(entity, match) ? overriddenType(entity) : ignoredValues(entity);
  return [warnOf({ code: 'P4108', pointer: pointerTo(pointer, 'values'), ...text })];
}

interface Text {
  readonly message: string;
  readonly help: string;
}

function ignoredValues({ type, field, match }: WrittenEntity): Text {
  return {
    message: `values beside type \`${type}\` are not looked at`,
    help:
      type === 'NONE'
        ? 'delete them: `NONE` is a denial of everything, listed or not'
        : match === 'any'
          ? `delete them: single \`${field}\` cannot be named here`
          : 'delete them, or delete `type` if they alone are meant',
  };
}

/** The quirk that turns a denial of every role into permission for some. */
function overriddenType(entity: WrittenEntity): Text {
  const value = overridingValue(entity)!;
  const covers = `\`roles\` covers only what begins with \`${quoteText(value.slice(0, -1))}\``;
  const isNone = entity.type === 'NONE';
  return {
    message: `the lone value \`${quoteText(value)}\` overrides type \`${entity.type}\`: ${covers}${isNone ? ', and allows it instead of denying' : ''}`,
    help: `delete the value to ${isNone ? 'deny' : 'cover'} every role; if it alone is meant, write \`{"values": [${quoteText(value)}]}\``,
  };
}

// ---------------------------------------------------------------- P4109

function wildcardsThatAreNone(entity: WrittenEntity): PointedDiagnostic[] {
  const { match, list, field, valuePointers } = entity;
  const isToldAsEndpoint = field !== 'principals' && list.check === 'endpoints';
  if (isToldAsEndpoint || match === 'any' || !goesByValues(entity, match)) return [];
  return entity.values.flatMap((value, i) => {
    const text = match === 'role' ? roleLookAlike(value) : valueLookAlike(value, field);
    return text === undefined ? [] : [warnOf({ code: 'P4109', pointer: valuePointers[i]!, ...text })];
  });
}

function valueLookAlike(value: string, field: string): Text | undefined {
  if (!value.endsWith('*') && !value.endsWith('/%')) return undefined;
  const message = `\`${quoteText(value)}\` in \`${field}\` is plain text: it matches only itself`;
  if (value === '*') return { message, help: 'write `{"type": "ANY"}` if all are meant' };
  return { message, help: `list every name: \`${field}\` have no wildcards` };
}

/** `*` alone is an ordinary role, the default one. */
function roleLookAlike(value: string): Text | undefined {
  const quoted = `\`${quoteText(value)}\``;
  const before = prefixOf(value, 'role');
  if (before?.includes('%')) {
    const message = `only the \`/%\` at the end of ${quoted} stands for roles below: a \`%\` before it is plain text`;
    return { message, help: 'list the roles: `/%` covers all below one role, at any depth' };
  }
  if (before !== undefined || (!value.includes('%') && !value.endsWith('/*'))) return undefined;
  return { message: `${quoted} in \`roles\` is plain text: it covers only itself`, help: roleHelp(value) };
}

function roleHelp(value: string): string {
  if (value === '%' || value === '/*') return 'write `{"type": "ANY"}` if every role is meant';
  const above = /^([^%]+?)\/?[%*]$/.exec(value)?.[1];
  if (above !== undefined) return `write \`${quoteText(`${above}/%`)}\` if the roles below are meant`;
  return 'list the roles: only a `/%` at the end of a value covers others';
}
