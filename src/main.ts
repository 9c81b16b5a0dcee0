/** The process: clock, streams, environment, exit status. Nothing else of the program reads them. */
import { readFileSync } from 'node:fs';
import { openWorkspace } from './app.ts';
import { runProgram } from './cli/program.ts';
import { readEnvironment } from './config.ts';

const PIPE_COLUMNS = 80; // so that what is piped does not depend on a window

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const environment = readEnvironment(process.env);

/** Writing to a pipe that nobody reads any more (`| head`) is no failure: the rest is dropped, the work goes on. */
function writerTo(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code !== 'EPIPE') process.exitCode = 1;
  });
  return (text) => {
    if (open) stream.write(text);
  };
}

process.exitCode = await runProgram(process.argv.slice(2), {
  now: () => Date.now(),
  terminal: {
    out: writerTo(process.stdout),
    err: writerTo(process.stderr),
    columns: process.stdout.isTTY ? process.stdout.columns : PIPE_COLUMNS,
    interactive: process.stderr.isTTY === true,
    colour: process.stdout.isTTY === true && !environment.noColour,
  },
  workspace: environment.workspace,
  debug: environment.debug,
  version,
  open: openWorkspace,
});
