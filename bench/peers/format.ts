import type { Spread } from './results.ts';

/** Three figures at most, in the unit that fits. */
export function renderNs(ns: number): string {
  if (ns < 1000) return `${ns.toFixed(0)} ns`;
  if (ns < 1e6) return `${shorten(ns / 1e3)} µs`;
  if (ns < 1e9) return `${shorten(ns / 1e6)} ms`;
  return `${shorten(ns / 1e9)} s`;
}

/** The median, and between which rounds it lies. */
export function renderSpread({ median, lowest, highest }: Spread): string {
  return `${renderNs(median)} (${renderNs(lowest)}–${renderNs(highest)})`;
}

export function renderRatio(ratio: number): string {
  return `${ratio < 100 ? shorten(ratio) : renderCount(ratio)}×`;
}

export function renderCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

function shorten(number: number): string {
  if (number >= 100) return number.toFixed(0);
  return number >= 10 ? number.toFixed(1) : number.toFixed(2);
}
