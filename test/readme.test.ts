/** The README's blocks are what `./bin/stagecraft` prints about the sample portfolio. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-readme-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function stagecraft(args: readonly string[], workspace?: string): string {
  const { STAGECRAFT_WORKSPACE: _, ...inherited } = process.env;
  const env = { ...inherited, TMPDIR: scratch, ...(workspace && { STAGECRAFT_WORKSPACE: workspace }) };
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/stagecraft'), args, { encoding: 'utf8', env });
  expect(status, stderr).toBe(0);
  return stdout;
}

function block(name: string): string[] {
  const found = new RegExp(`<!-- ${name}:begin -->\\s+\`\`\`\\n(.*?)\`\`\``, 's').exec(readme);
  return found![1]!.trimEnd().split('\n');
}

/** Every line shown was printed, in this order; `...` stands for lines left out. */
function expectPrinted(shown: readonly string[], printed: string): void {
  const lines = printed.split('\n').map((line) => line.trimEnd());
  let from = 0;
  for (const line of shown) {
    if (line === '...') continue;
    const at = lines.indexOf(line, from);
    expect(at, `printed: ${line}`).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
}

test('the README shows what the sample portfolio really prints', () => {
  const printed = stagecraft(['demo', '--no-serve', '--keep']);
  expectPrinted(block('demo'), printed);
  const kept = readdirSync(scratch).find((name) => name.startsWith('stagecraft-demo-'))!;
  const workspace = join(scratch, kept, 'workspace');
  for (const name of ['explain', 'work']) {
    for (const session of block(name)
      .join('\n')
      .split(/^\$ stagecraft /m)
      .slice(1)) {
      const [command, ...shown] = session.trimEnd().split('\n');
      const args = Array.from(command!.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain!);
      expectPrinted(shown, stagecraft(args, workspace));
    }
  }
}, 60_000);
