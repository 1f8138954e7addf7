/** For the shells: the known name that a misspelt one was meant to be. */
export { nearestName } from '../diagnostics/nearest.ts';
