/** The flags with which bin/stagecraft starts the runtime, read from there: what is measured is what users run. */
import { readFileSync } from 'node:fs';

const launcher = readFileSync(new URL('../bin/stagecraft', import.meta.url), 'utf8');

export const RUNTIME_FLAGS = /exec "\$runtime" (.+) "\$root/.exec(launcher)![1]!.split(' ');
