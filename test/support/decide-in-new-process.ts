import { readFileSync } from 'node:fs';
import type { HttpRequest, Request } from '../../src/runtime.ts';
import { Authorizer } from '../../src/runtime.ts';
import type { Job } from './evaluators.ts';

/**
 * Standard input: jobs as JSON. Standard output: the answers, a list for every job. Loads images by the runtime entry alone,
 * so that what answers here has seen neither the policies nor the compiler.
 */
const jobs = JSON.parse(readFileSync(0, 'utf8')) as Job[];
process.stdout.write(JSON.stringify(jobs.map(answerJob)));

function answerJob({ imagePath, questions }: Job): unknown[] {
  const image = readFileSync(imagePath);
  if (image.length === 0) return questions.map(() => ({ decision: 'no image' }));
  const authorizers = new Map<string | undefined, Authorizer>();
  return questions.map(({ mode, isHttp, request }) => {
    const known = authorizers.get(mode);
    const authorizer = known ?? new Authorizer(image, mode === undefined ? {} : { mode });
    authorizers.set(mode, authorizer);
    const asked: unknown = request;
    return isHttp ? authorizer.authorizeHttp(asked as HttpRequest) : authorizer.decide(asked as Request);
  });
}
