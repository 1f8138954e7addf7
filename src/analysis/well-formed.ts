import { scan } from '../id/scan.ts';

/** Whether a text is a well-formed resource id (S2). */
export function isResourceId(text: string): boolean {
  return scan(text);
}
