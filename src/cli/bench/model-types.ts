import type { Model } from '../../index.ts';

export type { Model };
export type Rule = Model['rules'][number];
export type SubjectPattern = Rule['subjects'][number];
export type ResourcePattern = Rule['resources'][number];
export type PathPattern = Extract<ResourcePattern, { readonly kind: 'pattern' }>;
export type PatternElement = PathPattern['elements'][number];
export type Expression = NonNullable<Rule['condition']>;
