import type { Random } from './generators-random.ts';
import { generateSmallPolicy, type SmallWorldOptions, writeSmallPolicy } from './small-world.ts';

/** Rules in which variables and conditions meet more than those of small policies let them. */
const entangledRules = [
  'allow svc:{x**} to read on a:{x**}',
  'allow svc:/{x**}/** to read on a/{x**}/*',
  'deny svc:{x**} to write on a:{x}:/{x**}',
  'allow *:{x} to full on {x}/**',
  'allow svc:{x**} to full on {x**}',
  'allow svc:{x**}, user:a to full on {x**}/**',
  'allow {x}:/{x} to read on **',
  'allow {x}:** to read on a:{x**}/{x}',
  'deny svc:{x**}/{y**} to read on a/{x**}/{y**}/**',
  'allow svc:/{x**} to read on {x**}:{y}/{y}',
  'deny anyone to write on {y}:{y} when context.f == true',
  'deny user:{x} to read on **/{x}/{y}/{y} when subject.id == "user:b"',
  'allow user:* to write on ** when subject.id like "user:a*" || context.f == true',
  'allow group:g to full on a:b when action.id == "read" && context.f == true',
  'allow group:g to full on a:b when resource.id like "a:*" && context.f == true',
  'allow group:g to full on ** unless subject in group:h',
];

/** A small policy of any kind; now and then it does not build. */
export function writeListedPolicy(random: Random): string {
  const options: SmallWorldOptions = {
    rules: 4,
    conditions: random.chance(0.5) ? 0.5 : 0,
    variables: random.chance(0.5) ? 0.4 : 0,
    namespaces: random.chance(0.5),
    rulesets: random.chance(0.4),
  };
  const { rules, ...others } = generateSmallPolicy(random, options);
  const entangled = random.chance(0.5) ? [random.pick(entangledRules), random.pick(entangledRules)] : [];
  return writeSmallPolicy({ ...others, rules: [...rules, ...entangled] });
}
