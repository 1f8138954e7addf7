/**
 * Adds reports to the first, which is mutated: numbers are added up, of maps value by value; sets and lists are joined; of
 * texts the last one stays. All reports have the same shape.
 */
export function addUp<Report extends object>(sum: Report, reports: readonly Report[]): Report {
  for (const report of reports) {
    if (sum instanceof Set) for (const each of report as Set<unknown>) sum.add(each);
    else if (Array.isArray(sum)) sum.push(...(report as unknown[]));
    else if (sum instanceof Map) {
      for (const [key, value] of report as Map<unknown, unknown>) sum.set(key, added(sum.get(key), value));
    } else {
      for (const [key, value] of Object.entries(report) as [keyof Report, unknown][])
        sum[key] = added(sum[key], value) as Report[keyof Report];
    }
  }
  return sum;
}

function added(sum: unknown, value: unknown): unknown {
  if (typeof sum === 'number') return sum + (value as number);
  if (typeof sum === 'object' && sum !== null) return addUp(sum, [value as object]);
  return value;
}
