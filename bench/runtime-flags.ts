/** How bin/stagecraft starts the runtime, read from there: what is measured is what users run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const launcher = readFileSync(new URL('../bin/stagecraft', import.meta.url), 'utf8').replaceAll('\\\n', '');

export const RUNTIME_FLAGS = /exec "\$runtime" (.+) "\$@"/.exec(launcher)![1]!.trim().split(/ +/);

export const RUNTIME_ENV: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/stagecraft', import.meta.url)),
};
