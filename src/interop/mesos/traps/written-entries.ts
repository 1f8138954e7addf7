import { pointerTo } from '../../../json/json-tree.ts';
import type { AclEntity, EntityType } from '../acls.ts';
import { type AclList, aclLists, type ListMatch, type ObjectField } from '../lists.ts';
import { flatten, isJsonObject, memberOf, rawEntries } from '../read-acls.ts';

/** An entry with what its author wrote, for messages that Mesos' own view of it cannot give. */
export interface WrittenEntry {
  readonly list: AclList;
  /** 0-based, as Mesos counts. */
  readonly index: number;
  readonly pointer: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Either is absent where a load fault already says what is wrong with it. */
  readonly principals?: WrittenEntity;
  readonly object?: WrittenEntity;
}

/** `type` and `values` are those that Mesos reads. */
export interface WrittenEntity extends AclEntity {
  readonly list: AclList;
  readonly field: 'principals' | ObjectField;
  /** How the values are compared. */
  readonly match: ListMatch;
  readonly pointer: string;
  /** The text of `type`, which may be no type. */
  readonly writtenType: string | undefined;
  /** Of each value in turn. */
  readonly valuePointers: readonly string[];
}

/** Every entry of every list that is an object, faults or not, in the order in which Mesos checks the lists. */
export function writtenEntries(document: Readonly<Record<string, unknown>>): WrittenEntry[] {
  return aclLists.flatMap((list) =>
    rawEntries(document, list.name).map(({ value, pointer }, index): WrittenEntry => {
      const principals = readEntity({ list, pointer, value, field: 'principals', match: 'value' });
      const object = readEntity({ list, pointer, value, field: list.objectField, match: list.match });
      const isRefused = list.check === 'any-or-none' && object?.type === 'SOME';
      return {
        list,
        index,
        pointer,
        value,
        ...(principals === undefined ? {} : { principals }),
        ...(object === undefined || isRefused ? {} : { object }),
      };
    }),
  );
}

type EntityPlace = Pick<WrittenEntity, 'list' | 'field' | 'match' | 'pointer'> & Pick<WrittenEntry, 'value'>;

function readEntity({ value, field, pointer, ...place }: EntityPlace): WrittenEntity | undefined {
  const entity = memberOf(value, field);
  if (!isJsonObject(entity)) return undefined;
  const writtenType = memberOf(entity, 'type') ?? undefined;
  const entityPointer = pointerTo(pointer, field);
  const values = flatten(memberOf(entity, 'values'), pointerTo(entityPointer, 'values'));
  if (writtenType !== undefined && typeof writtenType !== 'string') return undefined;
  if (values.some(({ value: each }) => typeof each !== 'string')) return undefined;
  return {
    ...place,
    field,
    pointer: entityPointer,
    type: isType(writtenType) ? writtenType : 'SOME',
    values: values.map(({ value: each }) => each as string),
    writtenType,
    valuePointers: values.map(({ pointer: each }) => each),
  };
}

export function isType(text: unknown): text is EntityType {
  return text === 'SOME' || text === 'ANY' || text === 'NONE';
}
