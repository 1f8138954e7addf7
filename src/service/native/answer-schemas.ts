import { gates } from '../../diff.ts';
import { errorAnswers, requestMembers, requestSchema } from '../http/schemas.ts';

/** What is asked about a whole policy, and what is answered. */

const { subject, action, groups, mode } = requestMembers;
const { resource } = requestSchema.properties;

/** More comes in pages. */
const limit = {
  type: 'integer',
  minimum: 1,
  maximum: 10_000,
  description: 'so many items at most; 1,000 if it is not said',
} as const;
const cursor = {
  type: 'string',
  description: '`next` of the page before, for the same question and the same revision of the policy',
} as const;

const object = (properties: Readonly<Record<string, unknown>>, required = Object.keys(properties)) => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
});
const listOf = (items: unknown, description?: string) => ({
  type: 'array',
  items,
  ...(description === undefined ? {} : { description }),
});
const text = { type: 'string' };
const flag = { type: 'boolean' };
const texts = (description: string) => listOf(text, description);
const anything = listOf({ type: 'object' });
const set = { $ref: 'Set#' };
const rules = listOf({ $ref: 'Rule#' });
const reasons = listOf(text);

export const whyBody = {
  ...object(
    {
      ...requestSchema.properties,
      limit: {
        type: 'integer',
        minimum: 0,
        maximum: 1000,
        description: 'so many near misses and so many suggestions at most; 10 if it is not said',
      },
      suggestions: {
        type: 'boolean',
        description: 'false leaves out what would have the request allowed, which takes most of the time',
      },
    },
    ['action'],
  ),
  examples: [{ ...requestSchema.examples[0], suggestions: false }],
};

export const whoCanBody = {
  ...object({ action, resource, mode, limit, cursor }, ['action']),
  examples: [{ action: 'read', resource: 'dcos:secrets:default:/prod/db' }],
};

export const whatCanBody = {
  ...object({ subject, groups, action, mode, limit, cursor }, []),
  examples: [{ subject: 'user:cory' }],
};

export const diffBody = {
  ...object(
    {
      policies: {
        type: 'array',
        minItems: 1,
        description: 'all files of the policy set: they are compared with it, and never put to use',
        items: object({
          file: {
            type: 'string',
            minLength: 1,
            description: 'a path; imports lead from one to another by it',
          },
          text: { type: 'string' },
        }),
      },
      onlyUnder: {
        type: 'string',
        description: 'only resources that this pattern matches',
        examples: ['dcos:secrets:default:/prod/**'],
      },
      gate: { type: 'string', enum: gates, description: 'what `held` says: whether there is none of that' },
    },
    ['policies'],
  ),
  examples: [
    {
      policies: [{ file: 'wiki.acl', text: 'allow group:editors to read on wiki:/**' }],
      gate: 'no-new-access',
    },
  ],
};

const way = object(
  {
    when: texts('conditions of which all have to be true'),
    unless: texts('conditions of which all have to be false'),
    whenText: { type: 'string', description: 'what has to be true, as one condition' },
    text: { type: 'string', description: 'the whole' },
  },
  ['when', 'unless', 'text'],
);
const ways = listOf(way, 'one of these has to come about; absent: always');
const total = { type: 'integer', description: 'how many items there are on all pages' };
const next = { type: 'string', description: '`cursor` of the page that follows; absent on the last' };
const undecided = { type: 'string', description: 'why it cannot be told' };

export const whoCanAnswer = {
  description: 'everybody who may: as sets, which are complete, and the known ones by name',
  ...object(
    {
      access: listOf(object({ subjects: set, ways, reasons, rules }, ['subjects', 'reasons', 'rules'])),
      undecided: listOf(object({ subjects: set, reason: undecided })),
      items: listOf(
        object(
          {
            subject: text,
            ways,
            reasons,
            grounds: listOf(
              object({
                rule: { $ref: 'Rule#' },
                as: { type: 'string', description: 'how the rule writes the subject' },
                through: texts('groups, from that which has the subject to that of the rule'),
              }),
            ),
            undecided,
          },
          ['subject', 'reasons', 'grounds'],
        ),
        'subjects that the policy names, in the order of their ids',
      ),
      total,
      next,
    },
    ['access', 'undecided', 'items', 'total'],
  ),
};

const access = {
  actions: listOf(text),
  isAnyOtherAction: {
    type: 'boolean',
    description: 'whether actions that the policy does not name are among them',
  },
  resources: set,
  isWithoutResource: { type: 'boolean', description: 'whether it holds for requests without a resource too' },
};

export const whatCanAnswer = {
  description: 'everything that the subject may do, as sets of requests',
  ...object(
    {
      groups: texts('in which the subject is'),
      actions: texts('that the policy names for it'),
      undecided: listOf(object({ ...access, reason: undecided })),
      items: listOf(
        object({ ...access, ways, reasons, rules }, [...Object.keys(access), 'reasons', 'rules']),
      ),
      total,
      next,
    },
    ['groups', 'actions', 'undecided', 'items', 'total'],
  ),
};

const count = { type: 'integer', minimum: 0, description: 'how many more there are' };

export const whyAnswer = {
  description: 'why the request is decided so, and for a denial what would have it allowed',
  ...object(
    {
      request: { type: 'object', description: 'as it was asked' },
      mode: text,
      decision: { $ref: 'Decision#' },
      malformed: {
        type: 'object',
        description: 'what is wrong with a malformed request, and what may be meant',
      },
      rules: {
        ...anything,
        description: 'that apply, those that decide first, and by which groups, roles and so on',
      },
      rulesets: { ...anything, description: 'what each set of rules says' },
      superuser: { type: 'object', description: 'by which rule the subject is a superuser' },
      enforcement: { type: 'object', description: 'the modes of the resource, and what each would answer' },
      unknownNames: {
        ...anything,
        description: 'names that the policy does not know, and the nearest that it does',
      },
      nearMisses: { ...anything, description: 'allow rules that nearly apply, and what each lacks' },
      moreNearMisses: count,
      suggestions: listOf(
        object({
          edits: { ...anything, description: 'changes of the policy, or of the request' },
          opens: { type: 'object', description: 'what else would be allowed' },
        }),
        'what would have it allowed, what opens the least else first; each was tried',
      ),
      moreSuggestions: count,
    },
    [
      'request',
      'decision',
      'rules',
      'rulesets',
      'unknownNames',
      'nearMisses',
      'moreNearMisses',
      'suggestions',
      'moreSuggestions',
    ],
  ),
};

const requests = {
  subjects: set,
  actions: listOf(text),
  anyOtherAction: flag,
  resources: set,
  withoutResource: flag,
};
const requiredOfRequests = ['subjects', 'actions', 'resources'];
const change = object(
  {
    ...requests,
    when: listOf(anything, 'one of these has to come about: all of its guards in the state that is said'),
    modes: listOf({ type: ['string', 'null'] }, 'in these modes; null: where none is given; absent: in all'),
    witness: { type: 'object', description: 'one of the requests, with both answers' },
    rules,
  },
  [...requiredOfRequests, 'witness', 'rules'],
);

const diagnostics = listOf({ type: 'object' }, 'with file, line, column, code, severity and message');

export const diffAnswer = {
  description: 'who would gain and who would lose what',
  ...object(
    {
      difference: { type: 'string', enum: ['equal', 'different', 'unknown'] },
      gained: listOf(change),
      lost: listOf(change),
      undecided: listOf(object({ ...requests, reason: undecided }, [...requiredOfRequests, 'reason'])),
      held: { type: 'boolean', description: 'whether the gate lets it through, if one was named' },
      diagnostics,
    },
    ['difference', 'gained', 'lost', 'undecided', 'diagnostics'],
  ),
};

export const errorsOfPosted = {
  description: 'the posted policies have errors',
  ...object({
    error: object({ status: { type: 'integer' }, message: text }),
    diagnostics,
  }),
};

/** As those of other routes, and what comes of questions that take long. */
export const answerErrors = {
  ...errorAnswers,
  503: {
    description:
      'too many such questions wait, this one takes too long, or the keys to verify tokens with cannot be had',
    $ref: 'Error#',
  },
};
