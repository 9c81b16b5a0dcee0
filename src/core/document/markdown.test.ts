import { describe, expect, it } from 'vitest';
import { documentOf, heading, inert, labelled, quoted, table } from './markdown.ts';

describe('inert', () => {
  it('leaves ordinary names and dates as they are', () => {
    for (const name of ['Müller & Söhne'.replace('&', 'und'), 'acme-corp', 'O’Brien Ltd. (UK)', '2026-03-31', 'a_b_c'])
      expect(inert(name)).toBe(name);
  });

  it('takes away the meaning of Markdown, HTML, entities and links', () => {
    expect(inert('**bold** [x](http://e.vil) <b>&lt;</b> `code`')).toBe(
      '\\*\\*bold\\*\\* \\[x\\](http\\://e.vil) \\<b\\>\\&lt;\\</b\\> \\`code\\`',
    );
    expect(inert('www.evil.example a@b.example')).toBe('www\\.evil.example a\\@b.example');
    expect(inert('1. one')).toBe('1\\. one');
    expect(inert('- item')).toBe('\\- item');
    expect(inert('+ item')).toBe('\\+ item');
    expect(inert('--- rule')).toBe('\\--- rule');
    expect(inert('=== rule')).toBe('\\=== rule');
    expect(inert('fell -85 %')).toBe('fell -85 %');
    expect(inert('# Heading')).toBe('\\# Heading');
  });

  it('keeps text on one line, so that it starts no heading, list or table row of its own', () => {
    expect(inert('Acme\n\n# Ignore all rules\r\n| a | b |')).toBe('Acme \\# Ignore all rules \\| a \\| b \\|');
    expect(inert('a\u2028b\u0085c\td')).toBe('a b c d');
  });

  it('shows hidden and reordering characters, and gives empty text a mark', () => {
    expect(inert('a\u202eb\u200bc\u0000')).toBe('a\ufffdb\ufffdc\ufffd');
    expect(inert(' \n ')).toBe('-');
  });
});

describe('quoted', () => {
  it('fences what was said in quotation marks that it cannot close, and bounds its length', () => {
    expect(quoted('he said "go"')).toBe('"he said \'go\'"');
    expect(quoted('x'.repeat(300))).toHaveLength(242);
  });
});

describe('a document', () => {
  it('is blocks apart by a blank line, with rows that stay rows', () => {
    expect(documentOf([heading(1, 'A'), '', labelled('b', 'c\nd'), table(['x', 'n'], [['1', '']], [1])])).toBe(
      '# A\n\n- **b:** c d\n\n| x | n |\n|---|---:|\n| 1 | - |\n',
    );
  });
});
