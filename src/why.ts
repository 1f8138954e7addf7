export type {
  ActionMatch,
  AttributeRead,
  ConditionAccount,
  ConditionPart,
  Difference,
  Edit,
  Enforcement,
  GroupStep,
  Malformation,
  NearMiss,
  Place,
  ResourceMatch,
  RuleAccount,
  RulesetAccount,
  SegmentStep,
  SubjectMatch,
  Suggestion,
  SuperuserAccount,
  UnknownName,
  VariableConflict,
  Why,
  WhyRequest,
} from './why/answer.ts';
export { explainWhy, type WhyOptions } from './why/explain-why.ts';
export type { Opened, OpenedPart } from './why/opened-access.ts';
export { renderWhy } from './why/report/render-why.ts';
export { renderWhyJson } from './why/report/render-why-json.ts';
