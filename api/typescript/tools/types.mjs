// Writes src/schema.ts, the types of the REST API, from the committed OpenAPI document; --check compares.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../../server/openapi.json', import.meta.url);
const target = new URL('../src/schema.ts', import.meta.url);
const head = '// Made from api/server/openapi.json by `npm run types`: do not edit.\n\n';
const text =
  head +
  astToString(await openapiTS(JSON.parse(readFileSync(document, 'utf8')), { defaultNonNullable: false }));
if (process.argv.includes('--check')) {
  let written = '';
  try {
    written = readFileSync(target, 'utf8');
  } catch {
    // A missing file differs.
  }
  if (written !== text) {
    console.error('src/schema.ts is not what api/server/openapi.json says: run `npm run types`');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
