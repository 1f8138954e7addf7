import type { Source } from '../source/source.ts';

/** What stands beside a store where no policy is named: the resources and actions of DC/OS, which nobody is granted. */
export const catalogueSource: Source = { file: 'catalogue', text: 'import "postern:dcos"\n' };
