/** Writes the sample portfolio as record files, for the demo and for anybody who wants data to try. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { portfolioFiles } from '../sample/files.ts';
import { buildPortfolio } from '../sample/portfolio.ts';

const CATALOGUE = new URL('../../examples/sample/catalog.yaml', import.meta.url);
const GZIP_LEVEL = 1; // the files are read back at once; speed counts more than size

/**
 * Writes the ten record files into `directory` (created if missing) and `catalog.yaml` beside them. The same bytes every
 * time. Resolves to the paths of the record files.
 */
export async function writeSample(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  await copyFile(CATALOGUE, join(directory, 'catalog.yaml'));
  return Promise.all(
    portfolioFiles(buildPortfolio()).map(async ({ name, text, gzip }) => {
      const path = join(directory, name);
      await writeFile(path, gzip ? gzipSync(text, { level: GZIP_LEVEL }) : text);
      return path;
    }),
  );
}
