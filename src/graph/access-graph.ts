import type { Rule } from '../model/model.ts';
import type { PatternRow } from '../printing/pattern-tree.ts';

/** Who reaches what: the picture of a policy set before anything has a place. Numbers in it are places in its lists. */
export interface AccessGraph {
  readonly holders: readonly Holder[];
  readonly links: readonly Link[];
  /** Trees in preorder: a row stands behind its parent, with everything beneath before the next. */
  readonly rows: readonly ResourceRow[];
  readonly permissions: readonly Permission[];
}

/** Who has permissions: a subject or subject pattern, a group, or a role with the arguments of its grants. */
export interface Holder {
  readonly kind: 'subject' | 'group' | 'role';
  readonly label: string;
  /** Lines for whoever points at it. */
  readonly notes: readonly string[];
  /** Links go from lower to higher ranks. */
  readonly rank: number;
  /** How many it stands for: more than one where others were folded into it. */
  readonly count: number;
}

/** What `from` is, `to` says more of: a member and its group, or a grantee and the role. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

/** What permissions are on: the end of a pattern, beneath the beginning that it shares with others. */
export interface ResourceRow extends PatternRow {
  /** How many patterns of rules it stands for: one, or none if it is only what others begin with. */
  readonly count: number;
  /** Whether others were folded into it: then it stands for some of what is beneath its parent. */
  readonly isFolded: boolean;
}

/** Actions on one row, and everybody who has them on the same terms. */
export interface Permission {
  readonly row: number;
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly string[];
  /** As policy text: `when …` or `unless …`. */
  readonly condition?: string;
  readonly ruleset?: string;
  /** What a ruleset decides where none of its rules does. */
  readonly isDefault: boolean;
  readonly holders: readonly number[];
  /** That say so, in source order; none for a default. */
  readonly rules: readonly Rule[];
}
