import type { Authorizer } from '../../../src/index.ts';
import type { Decider, Engine } from '../engine.ts';
import { loadPostern, posternVersion } from './postern-policy.ts';

export const engine: Engine = {
  name: 'Postern, handles',
  version: posternVersion,
  note:
    'The same image; one request a call, subject and resource as handles made beforehand, as for ids that a caller asks about ' +
    'again. What making them takes is not in the figures, nor is their memory; only the action is a string.',
  build: (policy) => {
    const { authorizer, figures } = loadPostern(policy);
    return { ...byHandles(authorizer), figures };
  },
};

function byHandles(authorizer: Authorizer): Decider {
  const subjectHandles = new Map<string, ReturnType<Authorizer['subject']>>();
  const resourceHandles = new Map<string, ReturnType<Authorizer['resource']>>();
  return {
    decisionsPerCall: 1,
    bind: ({ subjects, actions, resources }) => {
      const boundSubjects = subjects.map((id) => once(subjectHandles, id, () => authorizer.subject(id)));
      const boundResources = resources.map((id) => once(resourceHandles, id, () => authorizer.resource(id)));
      return (first, end, answers) => {
        for (let i = first; i < end; i++)
          answers[i] = authorizer.isAllowed(boundSubjects[i]!, actions[i]!, boundResources[i]!) ? 1 : 0;
      };
    },
  };
}

/** One handle for each id, as the caller who keeps handles has it. */
function once<Handle>(handles: Map<string, Handle>, id: string, make: () => Handle): Handle {
  let handle = handles.get(id);
  if (handle === undefined) {
    handle = make();
    handles.set(id, handle);
  }
  return handle;
}
