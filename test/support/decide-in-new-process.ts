import { readFileSync } from 'node:fs';
import { Authorizer, type HttpRequest } from '../../src/index.ts';
import { type Request, Authorizer as RuntimeAuthorizer } from '../../src/runtime.ts';
import type { Job } from './evaluators.ts';

/**
 * Standard input: jobs as JSON. Standard output: the answers, a list for every job. Requests are decided by the runtime
 * entry, which has no parser and no compiler; only HTTP requests need the library.
 */
const jobs = JSON.parse(readFileSync(0, 'utf8')) as Job[];
process.stdout.write(JSON.stringify(jobs.map(answerJob)));

function answerJob({ imagePath, questions }: Job): unknown[] {
  const image = readFileSync(imagePath);
  if (image.length === 0) return questions.map(() => ({ decision: 'no image' }));
  const runtimes = new Map<string | undefined, RuntimeAuthorizer>();
  return questions.map(({ mode, isHttp, request }) => {
    const options = mode === undefined ? {} : { mode };
    const asked: unknown = request;
    if (isHttp) return Authorizer.fromImage(image, options).authorizeHttp(asked as HttpRequest);
    const runtime = runtimes.get(mode) ?? new RuntimeAuthorizer(image, options);
    runtimes.set(mode, runtime);
    return runtime.decide(asked as Request);
  });
}
