import { presetNames } from '../../lint.ts';

const levels = ['off', 'info', 'warning', 'error'] as const;
const levelWords = '`"off"`, `"info"`, `"warning"` or `"error"`';

const level = { type: 'string', enum: levels, description: levelWords } as const;

const listOfTexts = (description: string) =>
  ({
    type: 'array',
    items: { type: 'string', minLength: 1, description: 'a text that is not empty' },
    description,
  }) as const;

/**
 * The configuration of the linter, as JSON Schema. Descriptions say what is expected, in the words that messages use. Ids
 * of rules are checked apart from it: plugins bring more of them.
 */
export const configurationSchema = {
  type: 'object',
  description: 'an object',
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', description: 'the address of a schema, for editors' },
    extends: {
      type: 'array',
      items: { type: 'string', enum: presetNames, description: `a preset: ${presetNames.join(', ')}` },
      description: 'a list of presets; a later one wins',
    },
    rules: {
      type: 'object',
      description: 'an object with severities by rule id',
      additionalProperties: {
        description: `${levelWords}, or a list of one of them and an object of options`,
        if: { type: 'array' },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: {
          type: 'array',
          items: [level, { type: 'object', description: 'an object of options' }],
          minItems: 1,
          additionalItems: false,
          maxItems: 2,
          description: 'a severity and an object of options',
        },
        else: level,
      },
    },
    overrides: {
      type: 'array',
      description: 'a list of overrides; a later one wins',
      items: {
        type: 'object',
        description: 'an object with `files` and `rules`',
        additionalProperties: false,
        required: ['files', 'rules'],
        properties: {
          files: { ...listOfTexts('a list of globs'), minItems: 1 },
          rules: {
            type: 'object',
            description: 'an object with severities by rule id',
            additionalProperties: level,
          },
        },
      },
    },
    ignore: listOfTexts('a list of globs'),
    target: {
      type: 'string',
      pattern: '^(dcos|mesos)(@[0-9]+(\\.[0-9]+)*)?$',
      description: '`"dcos"` or `"mesos"`, with a version or without: `"dcos@2.2"`',
    },
    mode: { type: 'string', minLength: 1, description: 'the name of a security mode' },
    exports: {
      type: 'array',
      items: { type: 'string', enum: ['mesos', 'dcos-grants'], description: '`"mesos"` or `"dcos-grants"`' },
      description: 'a list of systems that the policy is exported to',
    },
    directory: {
      type: 'string',
      minLength: 1,
      description: 'the path of a JSON file with subjects and groups',
    },
    plugins: listOfTexts('a list of paths of modules'),
  },
} as const;

export type RuleSetting =
  | (typeof levels)[number]
  | readonly [(typeof levels)[number], Readonly<Record<string, unknown>>?];

/** A configuration that the schema accepts. */
export interface ConfigurationFile {
  readonly extends?: readonly (typeof presetNames)[number][];
  readonly rules?: Readonly<Record<string, RuleSetting>>;
  readonly overrides?: readonly {
    readonly files: readonly string[];
    readonly rules: Readonly<Record<string, (typeof levels)[number]>>;
  }[];
  readonly ignore?: readonly string[];
  readonly target?: string;
  readonly mode?: string;
  readonly exports?: readonly ('mesos' | 'dcos-grants')[];
  readonly directory?: string;
  readonly plugins?: readonly string[];
}

export const directorySchema = {
  type: 'object',
  description: 'an object with `subjects` and `groups`',
  additionalProperties: false,
  required: ['subjects', 'groups'],
  properties: {
    subjects: listOfTexts('a list of subject ids, such as `"user:cory"`'),
    groups: listOfTexts('a list of names of groups, without `group:`'),
  },
} as const;

export interface DirectoryFile {
  readonly subjects: readonly string[];
  readonly groups: readonly string[];
}

export const baselineSchema = {
  type: 'object',
  description: 'an object with `version` and `findings`',
  additionalProperties: false,
  required: ['version', 'findings'],
  properties: {
    version: { const: 1, description: '`1`' },
    findings: {
      type: 'array',
      description: 'a list of findings',
      items: {
        type: 'object',
        description: 'an object with `rule`, `file`, `line` and `count`',
        additionalProperties: false,
        required: ['rule', 'file', 'line', 'count'],
        properties: {
          rule: { type: 'string', description: 'a text' },
          file: { type: 'string', description: 'a text' },
          line: { type: 'string', description: 'a text' },
          count: { type: 'integer', minimum: 1, description: 'a number of findings' },
        },
      },
    },
  },
} as const;
