/** Writes `dist/sbom.cdx.json`, the software bill of materials of what is published; `npm run build` ends with it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { buildBillOfMaterials, type Lock, type Manifest } from './bill-of-materials.ts';

const root = new URL('../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Manifest;
const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as Lock;

const bill = buildBillOfMaterials(manifest, lock);
mkdirSync(new URL('dist/', root), { recursive: true });
writeFileSync(new URL('dist/sbom.cdx.json', root), `${JSON.stringify(bill, undefined, 2)}\n`);
console.error(`dist/sbom.cdx.json: ${bill.components.length} packages`);
