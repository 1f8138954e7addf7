import { type Model, RequestError } from '../../index.ts';
import { whatCan, whoCan } from '../../listing.ts';
import { explainWhy, renderWhyJson } from '../../why.ts';
import { answerDiff } from './answer-diff.ts';
import type { Answer, Question } from './question.ts';

/** Answers a question about a policy. Never throws. */
export function answerQuestion(model: Model, revision: string, question: Question): Answer {
  try {
    return answer(model, revision, question);
  } catch (error) {
    if (error instanceof RequestError) return { kind: 'refused', status: 400, message: error.message };
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** @throws {RequestError} */
function answer(model: Model, revision: string, question: Question): Answer {
  switch (question.kind) {
    case 'why': {
      const { request, mode, limit, withoutSuggestions } = question;
      const options = { mode, withoutSuggestions, ...(limit === undefined ? {} : { limit }) };
      return answered(renderWhyJson(explainWhy(model, request, options)));
    }
    case 'who-can':
      return answered(JSON.stringify(whoCan(model, { ...question.asked, revision })));
    case 'what-can':
      return answered(JSON.stringify(whatCan(model, { ...question.asked, revision })));
    case 'diff': {
      const { isSound, body } = answerDiff(model, question);
      return answered(body, isSound ? 200 : 422);
    }
  }
}

/** As bytes, which another thread takes over without a copy. */
function answered(body: string, status: 200 | 422 = 200): Answer {
  return { kind: 'answered', status, body: new TextEncoder().encode(body) };
}
