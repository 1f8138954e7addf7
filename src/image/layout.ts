/**
 * The bytes of an image. Everything is little-endian 32-bit words, save `text` (16-bit units) and `numbers` (64-bit
 * floats). A new picture is a new LAYOUT_VERSION.
 *
 *     header    magic │ version │ total bytes │ hash 0 │ hash 1 │ hash 2 │ hash 3 │ section count
 *     sections  (offset in bytes │ length in bytes) for each of SECTIONS, in that order; each begins on 8 bytes
 *
 * Three tries share the section `nodes`: the resources that rules speak of, the subject patterns, and the resource
 * templates. A node is a record with its text and its entries, so that a decision finds in one or two cache lines all that
 * it asks of a node; nodes are named by the offset of their record.
 *
 *     node      parent │ cover │ head │ text … │ [namespace] │ [wild] │ [ordinal] │ [leafCounts] │ [exactCount │ tailCount] │ entries …
 *     head      end (14 bits) │ code (3) │ IS_LOOSE │ HAS_NAMESPACE │ HAS_WILD │ HAS_CHILDREN or HAS_LEAVES │ IS_BIG │ exactCount (5) │ tailCount (5)
 *     entry     class │ action mask │ page << 8 | flags │ detail or rule
 *               class + class count for an entry that never decides, since another of its list always comes first
 *
 * What is in brackets is there if the head says so: HAS_NAMESPACE, HAS_WILD, the code of a `**`, IS_BIG (counts that need
 * more than five bits), HAS_LEAVES of a fixed node. The first exactCount entries hold for ids that end here, the tailCount
 * after them for ids that end here or go on with a slash (a pattern `X/**`). With HAS_LEAVES three lists more come behind
 * them, with ten bits of leafCounts for each: for ids that end here or go on with a colon (`X:**`), and for those that end
 * after one segment more, behind a slash or a colon (`X/*`, `X:*`).
 *
 * A *fixed* node stands for the literal text from the start of an id to the end of one of its elements, `end` bytes of
 * UTF-8. Only texts that have something to say, or that many others begin with, have a node. Its parent is the longest text
 * that very many begin with; the node holds the words of the id (four bytes, counted from the start of the id) from that
 * in which the parent's text ends, so that it is compared word by word with the request. Its cover is the longest text
 * before it that says something of longer ids, or NONE. A *loose* node is beneath a wildcard: its parent is the node before
 * it, it has no cover, its text is a single segment of `end` bytes, and that of a wildcard itself has none.
 *
 *     slot      fingerprint │ node           open addressing of the nodes with a text by their hash, at most two thirds full; 0: empty
 *     wild      child along `*` for each separator (3) │ child along `**` for each separator (3) │ firstGlob │ globCount │ minRest │ maxRest
 *               an id with less than minRest or more than maxRest further elements is matched by nothing beneath
 *     glob      separator │ program │ child
 *     entrySlot entry + 1, or 0              open addressing by (first entry of the list, class), for lists longer than INDEX_THRESHOLD
 *
 *     subject   size in bytes │ number of classes << 16 │ text … │ classes …       or, where there are MANY_CLASSES, the offset of their list
 *     slot      fingerprint │ subject
 *
 *     store     first rule of the store │ revision │ templates and implications │ members       one row in a live image, none in others
 *
 * A *live* image holds what a store says beside the files, and can carry an overlay of what the store says later (src/live).
 * Its last rules are those of the store, in the order of the revisions that are their lines; they never retire, and make none
 * retire. Templates and implications stand in `text` as entities do, in JSON. The members are a list of `classLists`: every subject
 * that a group of the files names, ascending, followed by the offset of the list of those groups and of the groups that hold them.
 *
 * NONE = -1 wherever a word names nothing. `text` words are offsets in units into the section `text`.
 */
export const MAGIC = 0x4e525450; // "PTRN"
export const LAYOUT_VERSION = 4;
export const HEADER_WORDS = 8;
export const FIRST_HASH_WORD = 3;
/** The hash is over everything from the section count on; the words before it are checked one by one. */
export const FIRST_HASHED_WORD = 7;
export const NONE = -1;

/**
 * The sections, in the order of the section table: word sections unless noted. Where they have rows, each word says of which
 * section it is a row or an offset, or what `verifySections` knows by this name. With `?` it may be NONE; with `+` it is
 * one more, or 0; a dot may be anything.
 */
export const ROWS = {
  text: '', // 16-bit units
  numbers: '', // 64-bit floats
  scalars: '. . modes? word+ . nodes? bits bits . . . nodes nodes nodes . . .',
  nodes: '',
  slots: 'slots',
  wilds: 'one? one? one? many? many? many? globs . . .',
  globs: '. programs nodes',
  pieces: '',
  entrySlots: 'word+',
  programs: '',
  details: 'rules programs? rulesets? pattern? pattern?',
  rules: 'text . files . roles?',
  roles: 'text . files .',
  classLists: '',
  subjects: '',
  subjectSlots: 'subjects',
  groups: 'text . . classLists',
  groupSlots: 'groups+',
  actions: 'text . . .',
  actionSlots: 'actions+',
  relationIndex: 'relations',
  relations: '',
  templates: 'namespaces',
  namespaces: 'text . text . classLists? classLists? classLists? .',
  rulesets: 'text . . . .',
  entities: 'text . . json',
  entitySlots: 'entities+',
  files: 'text . . .',
  modes: 'text . . .',
  routes: 'text . . .',
  store: 'rules+ . json classLists',
} as const;

export type SectionName = keyof typeof ROWS;

export const SECTIONS = Object.keys(ROWS) as readonly SectionName[];

/** `scalars`: single words of the whole image. */
/** Number of subject classes; class 0 is `anyone`, 1 is `authenticated`. */
export const SCALAR_CLASS_COUNT = 0;
export const SCALAR_ACTION_COUNT = 1;
/** Index into `modes` of the mode that the policy set names, or NONE. */
export const SCALAR_MODE = 2;
/** Number of nodes with code MANY; each has an ordinal below it. */
export const SCALAR_MANY_COUNT = 3;
/** 1 if the subject-pattern trie is not empty. */
export const SCALAR_HAS_SUBJECT_PATTERNS = 4;
/** The node of the pattern `**` in the trie of resources, or NONE (S8). */
export const SCALAR_UNIVERSAL_NODE = 5;
/** The low bits of a slot of `slots` and of `subjectSlots` that hold the offset; the others are the fingerprint. */
export const SCALAR_NODE_BITS = 6;
export const SCALAR_SUBJECT_BITS = 7;
export const SCALAR_NODE_COUNT = 8;
export const SCALAR_ENTRY_COUNT = 9;
export const SCALAR_SUBJECT_COUNT = 10;
/** The root of each of the three tries. */
export const SCALAR_ROOTS = 11;
/** For each trie bit i if a fixed node has i + 1 elements; the last bit stands for all that have more. */
export const SCALAR_DEPTHS = 14;
export const SCALAR_COUNT = 17;

export const NODE_PARENT = 0;
export const NODE_COVER = 1;
export const NODE_HEAD = 2;
export const NODE_FIXED_SIZE = 3;

export const END_MASK = 0x3fff;
export const CODE_SHIFT = 14;
export const CODE_MASK = 7 << CODE_SHIFT;
export const IS_LOOSE = 1 << 17;
export const HAS_NAMESPACE = 1 << 18;
export const HAS_WILD = 1 << 19;
/** Beneath a wildcard: there are literal children. */
export const HAS_CHILDREN = 1 << 20;
/** The same bit of a fixed node. */
export const HAS_LEAVES = 1 << 20;
export const IS_BIG = 1 << 21;
/** Any of these: there is something between text and entries. That of a `**` is said by its code. */
export const IS_EXTENDED = HAS_NAMESPACE | HAS_WILD | HAS_LEAVES | IS_BIG;
export const EXACT_SHIFT = 22;
export const TAIL_SHIFT = 27;
export const MAX_SMALL_COUNT = 31;
/** Ten bits for each of the lists of leafCounts, in this order: `:**`, `/*`, `:*`. */
export const LEAF_BITS = 10;
export const LEAF_MASK = 0x3ff;
export const LEAF_COUNT = 3;

/** Codes of a head beyond those of an id's elements (0 to 4). */
/** Reached along `**`. */
export const CODE_MANY = 5;
/** Reached along a `*` or a glob. */
export const CODE_WILD = 6;
/** A fixed node whose text ends with a separator that is no slash: for ids whose last segment goes on behind it (S32). */
export const CODE_PIECES = 7;

export const RESOURCE_ROOT = 0;
export const SUBJECT_ROOT = 1;
export const TEMPLATE_ROOT = 2;
export const ROOT_COUNT = 3;
/** In place of a root in the hash of a node with CODE_PIECES. */
export const PIECES_SALT = 3;

export const WILD_ONE = 0;
export const WILD_MANY = 3;
export const WILD_FIRST_GLOB = 6;
export const WILD_GLOB_COUNT = 7;
export const WILD_MIN_REST = 8;
export const WILD_MAX_REST = 9;
export const WILD_SIZE = 10;
export const GLOB_SEPARATOR = 0;
export const GLOB_PROGRAM = 1;
export const GLOB_CHILD = 2;
export const GLOB_SIZE = 3;

export const ENTRY_CLASS = 0;
export const ENTRY_MASK = 1;
export const ENTRY_FLAGS = 2;
export const ENTRY_TARGET = 3;
export const ENTRY_SIZE = 4;
/** Entry flags; the page of the action mask stands above them. */
export const ENTRY_DENY = 1;
/** The target is a detail, not a rule: condition, variables or ruleset have to be looked at. */
export const ENTRY_DETAIL = 2;
/** The target is a ruleset whose scope this is; the mask is compared with the action itself. */
export const ENTRY_SCOPE = 4;
/** A rule of the store, in the list of its own id; in lists of other ids that it covers the flag is not set. */
export const ENTRY_STORED = 8;
export const ENTRY_PAGE_SHIFT = 8;
/** Lists of more entries than this are found by class through `entrySlots`. */
export const INDEX_THRESHOLD = 16;

export const CLASS_ANYONE = 0;
export const CLASS_AUTHENTICATED = 1;
export const FIRST_NAMED_CLASS = 2;

/** What an entry with more than an effect refers to. Programs are offsets into `programs`, or NONE. */
export const DETAIL_RULE = 0;
export const DETAIL_CONDITION = 1;
export const DETAIL_RULESET = 2;
export const DETAIL_SUBJECT_PATTERN = 3;
export const DETAIL_RESOURCE_PATTERN = 4;
export const DETAIL_SIZE = 5;

/** Name (text, length; length 0 for none) │ file │ line │ role or NONE. */
export const RULE_TEXT = 0;
export const RULE_LENGTH = 1;
export const RULE_FILE = 2;
export const RULE_LINE = 3;
export const RULE_ROLE = 4;
export const RULE_SIZE = 5;
export const ROLE_TEXT = 0;
export const ROLE_LENGTH = 1;
export const ROLE_FILE = 2;
export const ROLE_LINE = 3;
export const ROLE_SIZE = 4;

/**
 * A row of a table of names: text │ length │ hash │ payload. Payload of `groups`: offset of a list in `classLists`; of `entities`: offset in `text` of the attributes as JSON, after their length in two units, low first. The
 * text of a row of `routes` is the route as JSON.
 */
export const NAME_TEXT = 0;
export const NAME_LENGTH = 1;
export const NAME_HASH = 2;
export const NAME_PAYLOAD = 3;
export const NAME_SIZE = 4;

/** relations: count, then (page, mask by which an allow matches, mask by which a deny matches) (S13). */
export const RELATION_SIZE = 3;

/**
 * A row of `templates`, the most specific first: namespace, then for each mode ENFORCED, NOT_ENFORCED or
 * ENFORCED_IF_AUTHENTICATED. The entries of the template trie have the row as their target.
 */
export const ENFORCED = 0;
export const NOT_ENFORCED = 1;
export const ENFORCED_IF_AUTHENTICATED = 2;

/**
 * name text │ name length │ superuser id text │ its length (0: none) │ superuser actions │ known actions │ superuser classes │
 * 1 if a template has `enforced in`. The three lists are offsets into `classLists` (count, then the numbers, ascending);
 * known actions NONE: every action. The classes are those to which a rule allows anything on the superuser's id.
 */
export const NAMESPACE_TEXT = 0;
export const NAMESPACE_LENGTH = 1;
export const NAMESPACE_SUPERUSER = 2;
export const NAMESPACE_SUPERUSER_LENGTH = 3;
export const NAMESPACE_SUPERUSER_ACTIONS = 4;
export const NAMESPACE_KNOWN_ACTIONS = 5;
export const NAMESPACE_SUPERUSER_CLASSES = 6;
export const NAMESPACE_HAS_ENFORCEMENT = 7;
export const NAMESPACE_SIZE = 8;

export const STORE_FIRST_RULE = 0;
export const STORE_REVISION = 1;
export const STORE_JSON = 2;
export const STORE_MEMBERS = 3;

/** name text │ length │ combining │ default │ 1 if it has no scope. */
export const RULESET_TEXT = 0;
export const RULESET_LENGTH = 1;
export const RULESET_COMBINING = 2;
export const RULESET_DEFAULT = 3;
export const RULESET_IS_UNSCOPED = 4;
export const RULESET_SIZE = 5;
export const FIRST_APPLICABLE = 0;
export const DENY_OVERRIDES = 1;
export const DEFAULT_NONE = 0;
export const DEFAULT_ALLOW = 1;
export const DEFAULT_DENY = 2;

export const CLASS_COUNT_SHIFT = 16;
/** A number of classes that stands for the offset of a list in `classLists`. */
export const MANY_CLASSES = 0xffff;

/** `pieces`: the last bytes of the separators of S32, each once. */

/** The hash of a fixed node, from `prefixHash` of its text and its root or PIECES_SALT; or of a subject, under SUBJECT_SALT. */
export function fixedHash(textHash: number, salt: number): number {
  let h = Math.imul(textHash ^ (salt << 24), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 14);
}
export const SUBJECT_SALT = 4;

/** The hash of a literal node beneath a wildcard. */
export const looseHash: (parent: number, code: number, segmentHash: number) => number = slotHash;

/** Mixes a key of two numbers and a hash into a slot number; the caller masks it. */
export function slotHash(first: number, second: number, hash: number): number {
  let h = Math.imul(first ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(second + 0x7f4a7c15, 0xc2b2ae35) ^ hash;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
