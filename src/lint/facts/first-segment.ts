import type { ResourcePattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';

/** The first segment of an id or pattern, if it is literal text: `mesos` in `mesos:user:**`. */
export function firstSegmentOf(resource: ResourcePattern): string | undefined {
  const first = elementsOf(resource)[0];
  return first?.kind === 'literal' ? first.text : undefined;
}

/** Whether all of it is about the lists that Mesos masters and agents ask, as `postern import mesos` names them. */
export function isAboutMesos(resources: readonly ResourcePattern[]): boolean {
  return resources.length > 0 && resources.every((resource) => firstSegmentOf(resource) === 'mesos');
}
