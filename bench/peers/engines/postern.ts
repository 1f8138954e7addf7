import { type Engine, oneByOne } from '../engine.ts';
import { loadPostern, posternVersion } from './postern-policy.ts';

export const engine: Engine = {
  name: 'Postern, `isAllowed`',
  version: posternVersion,
  note: 'Policy text, compiled to an image, loaded; one request a call, subject, action and resource as strings.',
  build: (policy) => {
    const { authorizer, figures } = loadPostern(policy);
    return {
      ...oneByOne((subject, action, resource) => authorizer.isAllowed(subject, action, resource)),
      figures,
    };
  },
};
