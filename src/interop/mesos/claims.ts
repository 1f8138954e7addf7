import type { ClaimRule, MesosAction } from './actions.ts';
import {
  isSet,
  type MesosContainerId,
  type MesosLabel,
  type MesosObject,
  type MesosSubject,
} from './request.ts';

/**
 * Decides for a subject with claims and without a value: an executor or a resource provider, which may do a few things to
 * containers of its own and nothing else. Lists and `permissive` play no part (SEMANTICS of Mesos, 6).
 */
export function isClaimSufficient(
  { claim }: MesosAction,
  { claims }: MesosSubject,
  object: MesosObject | undefined,
): boolean {
  const container = object?.container_id;
  if (claim === undefined || !isSet(container)) return false;
  return claimRules[claim](claims?.labels ?? [], container);
}

/** A container without a value has the empty one, as protobuf reads it. */
type Labels = readonly (MesosLabel | null)[];

const claimRules: Readonly<Record<ClaimRule, (labels: Labels, container: MesosContainerId) => boolean>> = {
  executor(labels, container) {
    const claimed = labels.find((label) => isClaim(label, 'cid'))?.value;
    return isSet(claimed) && (rootOf(container).value ?? '') === claimed;
  },
  'resource-provider'(labels, { value }) {
    const prefix = labels.findLast((label) => isClaim(label, 'cid_prefix'))?.value;
    return isSet(prefix) && (value ?? '').startsWith(prefix);
  },
};

/** Labels without a value are passed over. */
function isClaim(label: MesosLabel | null, key: string): boolean {
  return label?.key === key && isSet(label.value);
}

function rootOf(container: MesosContainerId): MesosContainerId {
  let root = container;
  while (isSet(root.parent)) root = root.parent;
  return root;
}
